#include "Systemd.h"

#include <systemd/sd-daemon.h>

#include <ctime>

namespace playhouse::host {

void notifyReady(const std::string& status) {
    sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void notifyReloading() {
    // Type=notify-reload matches the end of a reload to its beginning by this time.
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

void notifyStopping() {
    sd_notify(0, "STOPPING=1");
}

}  // namespace playhouse::host
