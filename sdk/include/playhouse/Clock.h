#pragma once

#include <chrono>

namespace playhouse {

/// The time. Plugins ask it, never the system, so that a test decides what time it is. Safe from any thread.
class Clock {
public:
    virtual ~Clock();
    virtual std::chrono::system_clock::time_point now() const = 0;
    virtual std::chrono::steady_clock::time_point steadyNow() const = 0;
};

}  // namespace playhouse
