#pragma once

#include <playhouse/Identity.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace playhouse::host {

/// Sessions and users whose tokens are refused although they have not expired. Each is forgotten within a minute after
/// its tokens have, which bounds them; until then it takes some 150 bytes. Safe from any thread.
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
    struct End {
        Time before;
        Time until;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>()(name); }
    };
    using Minute = std::chrono::time_point<std::chrono::system_clock, std::chrono::minutes>;

    /// Of one kind, by name.
    class Ends {
    public:
        void add(std::string_view name, Time before, Time until, Time now);
        const End* find(std::string_view name) const;
        std::size_t size() const noexcept { return ends_.size(); }

    private:
        void forget(Time now);

        std::unordered_map<std::string, End, Hash, std::equal_to<>> ends_;
        std::map<Minute, std::vector<const std::string*>> due_;  ///< each once, at its end or before it
    };

    void add(Ends& ends, std::string_view name, Time before, Time until, Time now);

    mutable std::mutex mutex_;
    Ends sessions_;
    Ends users_;
    std::atomic<bool> isEmpty_{true};
};

}  // namespace playhouse::host
