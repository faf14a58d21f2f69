#pragma once

#include <playhouse/Identity.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace playhouse::host {

/// Sessions and users whose tokens are refused although they have not expired. Each is forgotten when its tokens have,
/// which bounds them. Safe from any thread.
class EndedSessions {
public:
    using Time = std::chrono::system_clock::time_point;

    /// @param until  when to forget it; of two ends of one session the later counts
    void endSession(std::string_view sessionId, Time until, Time now);

    /// @param before  tokens issued before it, to the millisecond, are refused; of two the later counts
    void endSessionsOf(std::string_view userId, Time before, Time until, Time now);

    /// Whether the token of `identity` is refused.
    bool cover(const Identity& identity) const;

    /// Sessions and users that are remembered.
    std::size_t size() const;

private:
    enum class Kind { Session, User };
    using Key = std::pair<Kind, std::string>;
    struct End {
        Time before;
        Time until;
    };

    void end(Key key, Time before, Time until, Time now);

    mutable std::mutex mutex_;
    std::map<Key, End> ends_;
    std::set<std::pair<Time, Key>> byTime_;  ///< the soonest forgotten first
    std::atomic<bool> isEmpty_{true};
};

}  // namespace playhouse::host
