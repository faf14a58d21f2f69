#pragma once

#include "FakeClock.h"

#include <playhouse/Cache.h>

#include <map>
#include <mutex>
#include <string>

namespace playhouse::testing {

/// A cache that keeps everything until its time, by a clock that the test moves. Safe from any thread.
///
/// What a host refuses it refuses too: keys and values that are too large, times to live below 1 ms.
class FakeCache final : public Cache {
public:
    /// @param clock  outlives this
    explicit FakeCache(const FakeClock& clock) : clock_(clock) {}

    /// From now on Redis cannot be reached, or can again. Calls with WhenAway::Fail throw meanwhile; others find
    /// nothing of what was there before, and what they leave is gone when Redis is back.
    void setAway(bool away);

    std::optional<std::string> get(std::string_view key, WhenAway whenAway = WhenAway::Local) override;
    void set(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway = WhenAway::Local) override;
    bool add(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway = WhenAway::Local) override;
    std::int64_t increment(std::string_view key, std::int64_t by, std::chrono::milliseconds timeToLive,
                           WhenAway whenAway = WhenAway::Local) override;
    bool remove(std::string_view key, WhenAway whenAway = WhenAway::Local) override;

    /// Two callers at once may both call `make` here.
    std::string getOrMake(std::string_view key, std::chrono::milliseconds timeToLive,
                          const std::function<std::string()>& make, WhenAway whenAway = WhenAway::Local) override;

private:
    struct Value {
        std::string text;
        std::chrono::steady_clock::time_point end;
    };
    using Values = std::map<std::string, Value, std::less<>>;

    /// The values in use, without what has ended. With the mutex held.
    Values& values(std::string_view key, WhenAway whenAway);

    const FakeClock& clock_;
    std::mutex mutex_;
    Values shared_;
    Values local_;
    bool away_ = false;
};

}  // namespace playhouse::testing
