#pragma once

#include "HostConfiguration.h"

#include <filesystem>
#include <string>
#include <vector>

namespace playhouse::host {

/// What `plugin.<id>.*` in `values` says of each plugin, together with the libraries found in `pluginsDirectory`,
/// sorted by id. Appends to `problems` what is wrong: malformed keys, plugins without a library, libraries that are not
/// there.
///
/// @param enableAll  whether plugins that `plugin.<id>.enabled` does not mention are on
std::vector<PluginConfiguration> readPluginKeys(const ConfiguredValues& values,
                                                const std::filesystem::path& pluginsDirectory, bool enableAll,
                                                const std::filesystem::path& workingDirectory,
                                                std::vector<std::string>& problems);

}  // namespace playhouse::host
