#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace playhouse::host {

/// What the configuration says of one plugin.
struct PluginConfiguration {
    std::string id;  ///< a-z, 0-9 and "-"; the library's own id must be the same
    bool enabled = true;
    std::filesystem::path library;

    /// Whether it is swapped as soon as its library has been rebuilt.
    bool watch = false;

    /// Route patterns that answer 503 SERVICE_DISABLED while the plugin is off and its own routes are not known.
    /// Empty: "/<id>" and "/<id>/{rest...}".
    std::vector<std::string> paths;

    /// The keys plugin.<id>.<name>, by <name>, without enabled, library, paths and watch.
    std::map<std::string, std::string> settings;

    bool operator==(const PluginConfiguration&) const = default;
};

}  // namespace playhouse::host
