#include "HostClock.h"

namespace playhouse::host {

std::chrono::system_clock::time_point HostClock::now() const {
    return std::chrono::system_clock::now();
}

std::chrono::steady_clock::time_point HostClock::steadyNow() const {
    return std::chrono::steady_clock::now();
}

}  // namespace playhouse::host
