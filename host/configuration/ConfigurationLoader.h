#pragma once

#include "HostConfiguration.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// Where configuration comes from, the weakest first: built-in defaults, `file` and what it includes, `environment`,
/// `definitions`.
struct ConfigurationSources {
    std::optional<std::filesystem::path> file;
    std::map<std::string, std::string> environment;
    std::vector<std::string> definitions;  ///< "key=value", from the command line
    std::filesystem::path workingDirectory;
    std::filesystem::path executableDirectory;
};

/// A configuration that can be used, with what it was made of.
struct LoadedConfiguration {
    HostConfiguration host;
    ConfiguredValues values;                    ///< every key of the host, and the plugins' keys that are given
    std::vector<std::filesystem::path> files;   ///< that were read
    std::map<std::string, std::string> unread;  ///< variables that are set and that nothing reads yet

    /// The files whose change is to be taken over: `files`, and those of TLS and of keys.
    std::vector<std::filesystem::path> watchedFiles() const;
};

/// Reads and checks everything. Throws ConfigurationError with all problems: unreadable or malformed files, unknown
/// keys (naming the nearest known one), values that are not allowed, plugins without a library.
LoadedConfiguration loadConfiguration(const ConfigurationSources& sources);

/// The environment variables of this process that configuration knows; an empty one counts as not set.
std::map<std::string, std::string> configurationEnvironment();

}  // namespace playhouse::host
