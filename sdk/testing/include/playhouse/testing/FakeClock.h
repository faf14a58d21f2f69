#pragma once

#include <playhouse/Clock.h>

#include <atomic>
#include <chrono>

namespace playhouse::testing {

/// A clock that stands still until a test moves it. It begins at 2024-01-01T00:00:00Z. Safe from any thread.
///
/// Moving it runs no timers; FakeTasks::advance() does both.
class FakeClock final : public Clock {
public:
    std::chrono::system_clock::time_point now() const override {
        return std::chrono::sys_days(std::chrono::year(2024) / 1 / 1) + elapsed();
    }
    std::chrono::steady_clock::time_point steadyNow() const override {
        return std::chrono::steady_clock::time_point(elapsed());
    }

    void advance(std::chrono::milliseconds duration) { milliseconds_ += duration.count(); }

    /// Since the clock was made.
    std::chrono::milliseconds elapsed() const { return std::chrono::milliseconds(milliseconds_.load()); }

private:
    std::atomic<std::chrono::milliseconds::rep> milliseconds_ = 0;
};

}  // namespace playhouse::testing
