#include <playhouse/testing/FakeIdentity.h>

#include <playhouse/ApiError.h>

#include <algorithm>
#include <stdexcept>

namespace playhouse::testing {

std::string FakeIdentity::issue(const Identity& identity, std::chrono::seconds lifetime) {
    if (identity.userId.empty()) throw std::invalid_argument("an identity without a user gets no token");
    if (lifetime.count() <= 0) throw std::invalid_argument("a token needs some time to live");
    const std::scoped_lock lock(mutex_);
    auto token = "token-" + std::to_string(tokens_.size() + 1);
    auto& kept = tokens_[token] = identity;
    kept.issuedAt = clock_.now();
    kept.expiresAt = kept.issuedAt + lifetime;
    return token;
}

Identity FakeIdentity::verify(std::string_view token) const {
    const std::scoped_lock lock(mutex_);
    const auto found = tokens_.find(token);
    if (found == tokens_.end()) throw ApiError(401, "TOKEN_MALFORMED", "this is no token that was issued");
    const auto& identity = found->second;
    if (clock_.now() >= identity.expiresAt) throw ApiError(401, "TOKEN_EXPIRED", "the token has expired");
    const auto user = endedUsers_.find(identity.userId);
    if ((!identity.sessionId.empty() && endedSessions_.contains(identity.sessionId)) ||
        (user != endedUsers_.end() && identity.issuedAt < user->second))
        throw ApiError(401, "TOKEN_REVOKED", "the session of this token has ended");
    return identity;
}

void FakeIdentity::endSession(std::string_view sessionId, Time) {
    const std::scoped_lock lock(mutex_);
    endedSessions_.emplace(sessionId);
}

void FakeIdentity::takeEndedSession(std::string_view sessionId, Time until) {
    endSession(sessionId, until);
}

void FakeIdentity::endSessionsOf(std::string_view userId, Time before, Time) {
    const std::scoped_lock lock(mutex_);
    auto& last = endedUsers_.try_emplace(std::string(userId), before).first->second;
    last = std::max(last, before);
}

boost::json::object FakeIdentity::publicKeys() const {
    return {{"keys", boost::json::array()}};
}

bool FakeIdentity::hasEnded(std::string_view sessionId) const {
    const std::scoped_lock lock(mutex_);
    return endedSessions_.contains(sessionId);
}

}  // namespace playhouse::testing
