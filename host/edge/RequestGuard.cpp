#include "RequestGuard.h"

#include "ErrorAnswers.h"

#include "identity/TokenIdentities.h"
#include "platform/ThrownText.h"

#include <playhouse/ApiError.h>

#include <Poco/Logger.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::seconds;

/// The address of an IPv4 client; of an IPv6 one the /64, all of which one client has.
std::string networkOf(const std::string& clientAddress) {
    boost::system::error_code problem;
    const auto address = boost::asio::ip::make_address(clientAddress, problem);
    if (problem || address.is_v4()) return clientAddress;
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::make_address_v6(bytes).to_string();
}

/// Who is counted, told apart from others by its first letter.
std::string counted(const RateLimit& limit, const RequestGuard::Question& question,
                    const std::optional<Identity>& identity) {
    if (identity && limit.by == RateLimit::By::User) return "u:" + identity->userId;
    if (identity && limit.by == RateLimit::By::Session && !identity->sessionId.empty())
        return "s:" + identity->sessionId;
    return "a:" + networkOf(question.clientAddress);
}

std::string keyOf(const RouteEntry& entry, const RateLimit& limit, const std::string& who) {
    auto key = entry.pluginId + ":";
    if (limit.group.empty())
        key.append(toString(entry.method)).append(" ").append(entry.pattern.text());
    else
        key.append("group ").append(limit.group);
    return key.append(":").append(who);
}

/// RFC 6750 section 3.
Response unauthorized(const std::optional<ApiError>& problem) {
    if (problem) return errorAnswer(*problem).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    return errorAnswer(401, "TOKEN_MISSING", "This needs a token: send it as Authorization: Bearer TOKEN.")
        .withHeader("WWW-Authenticate", "Bearer");
}

Response tooMany(const RateLimitStatus& status) {
    const auto retryAfter = std::max(seconds(1), std::chrono::ceil<seconds>(status.resetsIn)).count();
    const auto resetsAt = std::chrono::ceil<seconds>(status.resetsAt.time_since_epoch()).count();
    return errorAnswer(429, "RATE_LIMITED",
                       "There were more requests than the " + std::to_string(status.limit) +
                           " that are allowed in this time; come again in " + std::to_string(retryAfter) + " s.",
                       {{"limit", status.limit}, {"resetsAt", resetsAt}, {"retryAfterSeconds", retryAfter}});
}

}  // namespace

std::optional<RequestGuard::Passage> RequestGuard::askAtOnce(const Question& question) const {
    if (limiter_ && question.isCounted && question.entry.options.rateLimit && limiter_->waits()) return std::nullopt;
    if (!question.identity && question.token.kind == BearerToken::Kind::Token && identities_ &&
        identities_->takesLong()) {
        const auto known = identities_->known(question.token.text);
        if (!known) return std::nullopt;
        return contained([&] { return decide(question, {.identity = *known}); });
    }
    return ask(question);
}

RequestGuard::Passage RequestGuard::ask(const Question& question) const {
    return contained([&] { return decide(question, look(question)); });
}

RequestGuard::Passage RequestGuard::contained(const std::function<Passage()>& work) const {
    try {
        return work();
    } catch (const std::exception& problem) {
        Poco::Logger::get("http").error("A request could not be let through: " + thrownText(problem));
        Passage passage;
        passage.refusal = errorAnswer(500, "INTERNAL_ERROR", "Something failed inside the server.");
        return passage;
    }
}

RequestGuard::Looked RequestGuard::look(const Question& question) const {
    if (question.identity) return {.identity = question.identity};
    if (question.token.kind == BearerToken::Kind::None) return {};
    if (question.token.kind == BearerToken::Kind::Malformed || !identities_)
        return {.problem = ApiError(401, "TOKEN_MALFORMED",
                                    "What was sent is no single token; send it as Authorization: Bearer TOKEN.")};
    try {
        return {.identity = identities_->verify(question.token.text)};
    } catch (const ApiError& problem) {
        return {.problem = problem};
    }
}

RequestGuard::Passage RequestGuard::decide(const Question& question, Looked looked) const {
    const auto& options = question.entry.options;
    Passage passage;
    passage.identity = std::move(looked.identity);
    // Counted before it is known whether they may: guessing is limited too.
    if (options.rateLimit && question.isCounted && limiter_) {
        const auto& limit = *options.rateLimit;
        passage.limit = limiter_->count(keyOf(question.entry, limit, counted(limit, question, passage.identity)),
                                        limit.requests, limit.window);
        if (!passage.limit->isAllowed) passage.refusal = tooMany(*passage.limit);
    }
    if (passage.refusal || options.access.isOpen()) return passage;
    if (!passage.identity)
        passage.refusal = unauthorized(looked.problem);
    else if (!options.access.allows(*passage.identity))
        passage.refusal = errorAnswer(403, "FORBIDDEN", "This is not for the user of this token.")
                              .withHeader("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
    return passage;
}

}  // namespace playhouse::host
