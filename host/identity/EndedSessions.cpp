#include "EndedSessions.h"

#include <algorithm>

namespace playhouse::host {

void EndedSessions::endSession(std::string_view sessionId, Time until, Time now) {
    end({Kind::Session, std::string(sessionId)}, Time::max(), until, now);
}

void EndedSessions::endSessionsOf(std::string_view userId, Time before, Time until, Time now) {
    // Tokens say when they were issued to the millisecond.
    end({Kind::User, std::string(userId)}, std::chrono::floor<std::chrono::milliseconds>(before), until, now);
}

void EndedSessions::end(Key key, Time before, Time until, Time now) {
    const std::lock_guard lock(mutex_);
    while (!byTime_.empty() && byTime_.begin()->first <= now) {
        ends_.erase(byTime_.begin()->second);
        byTime_.erase(byTime_.begin());
    }
    if (until > now) {
        auto& known = ends_.try_emplace(key, End{before, until}).first->second;
        byTime_.erase({known.until, key});
        known = {std::max(known.before, before), std::max(known.until, until)};
        byTime_.emplace(known.until, std::move(key));
    }
    isEmpty_.store(ends_.empty(), std::memory_order_release);
}

bool EndedSessions::cover(const Identity& identity) const {
    if (isEmpty_.load(std::memory_order_acquire)) return false;
    const std::lock_guard lock(mutex_);
    if (!identity.sessionId.empty() && ends_.contains({Kind::Session, identity.sessionId})) return true;
    const auto user = ends_.find({Kind::User, identity.userId});
    return user != ends_.end() && identity.issuedAt < user->second.before;
}

std::size_t EndedSessions::size() const {
    const std::lock_guard lock(mutex_);
    return ends_.size();
}

}  // namespace playhouse::host
