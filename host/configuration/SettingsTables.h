#pragma once

#include "SettingsSchema.h"

#include <vector>

namespace playhouse::host {

/// How the server meets the network: `server.`, `tls.`, `proxies.`, `http.`, `channels.` and `cors.`.
std::vector<SettingDescription> networkSettings();

/// What the server is for, and who may use it how often: `profile`, `identity.` and `rate-limits.`.
std::vector<SettingDescription> identitySettings();

/// Everything else that the process does: from `workers.` to `configuration.`.
std::vector<SettingDescription> processSettings();

/// Where data lives beside files: `database.`.
std::vector<SettingDescription> dataSettings();

}  // namespace playhouse::host
