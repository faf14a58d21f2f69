#pragma once

#include <string>

namespace playhouse::host {

/// Tells the service manager how the server is, when it asked to know (sd_notify(3)); else nothing happens.
void notifyReady(const std::string& status);
void notifyReloading();
void notifyStopping();

}  // namespace playhouse::host
