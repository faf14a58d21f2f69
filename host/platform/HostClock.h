#pragma once

#include <playhouse/Clock.h>

namespace playhouse::host {

/// The system's clocks.
class HostClock final : public Clock {
public:
    std::chrono::system_clock::time_point now() const override;
    std::chrono::steady_clock::time_point steadyNow() const override;
};

}  // namespace playhouse::host
