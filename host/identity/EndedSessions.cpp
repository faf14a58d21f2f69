#include "EndedSessions.h"

#include <algorithm>

namespace playhouse::host {

void EndedSessions::endSession(std::string_view sessionId, Time until, Time now) {
    add(sessions_, sessionId, Time::max(), until, now);
}

void EndedSessions::endSessionsOf(std::string_view userId, Time before, Time until, Time now) {
    // Tokens say when they were issued to the millisecond.
    add(users_, userId, std::chrono::floor<std::chrono::milliseconds>(before), until, now);
}

void EndedSessions::add(Ends& ends, std::string_view name, Time before, Time until, Time now) {
    const std::lock_guard lock(mutex_);
    ends.add(name, before, until, now);
    isEmpty_.store(sessions_.size() + users_.size() == 0, std::memory_order_release);
}

void EndedSessions::Ends::add(std::string_view name, Time before, Time until, Time now) {
    forget(now);
    if (until <= now) return;
    const auto [entry, isNew] = ends_.try_emplace(std::string(name), End{before, until});
    auto& known = entry->second;
    if (isNew)
        due_[std::chrono::floor<std::chrono::minutes>(until)].push_back(&entry->first);
    else
        known = {std::max(known.before, before), std::max(known.until, until)};
}

void EndedSessions::Ends::forget(Time now) {
    while (!due_.empty() && due_.begin()->first + std::chrono::minutes(1) <= now) {
        const auto bucket = due_.extract(due_.begin());
        for (const auto* name : bucket.mapped()) {
            const auto entry = ends_.find(*name);
            if (entry->second.until <= now)
                ends_.erase(entry);
            else
                due_[std::chrono::floor<std::chrono::minutes>(entry->second.until)].push_back(name);
        }
    }
}

const EndedSessions::End* EndedSessions::Ends::find(std::string_view name) const {
    const auto entry = ends_.find(name);
    return entry == ends_.end() ? nullptr : &entry->second;
}

bool EndedSessions::cover(const Identity& identity) const {
    if (isEmpty_.load(std::memory_order_acquire)) return false;
    const std::lock_guard lock(mutex_);
    if (!identity.sessionId.empty() && sessions_.find(identity.sessionId) != nullptr) return true;
    const auto* const user = users_.find(identity.userId);
    return user != nullptr && identity.issuedAt < user->before;
}

std::size_t EndedSessions::size() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size() + users_.size();
}

}  // namespace playhouse::host
