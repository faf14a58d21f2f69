#pragma once

#include <chrono>

namespace playhouse {

/// The time. Plugins ask it, never the system, so that a test decides what time it is. Safe from any thread.
class Clock {
public:
    virtual ~Clock();

    /// The time of day, which may jump when somebody sets the clock.
    virtual std::chrono::system_clock::time_point now() const = 0;

    /// For measuring how long something takes: never jumps.
    virtual std::chrono::steady_clock::time_point steadyNow() const = 0;
};

}  // namespace playhouse
