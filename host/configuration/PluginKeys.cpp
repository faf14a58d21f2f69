#include "PluginKeys.h"

#include "NearestName.h"

#include <playhouse/Settings.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace playhouse::host {
namespace {

constexpr std::string_view prefix = "plugin.";

struct Plugin {
    std::filesystem::path library;
    std::optional<bool> enabled;
    bool watch = false;
    std::vector<std::string> paths;
    std::map<std::string, std::string> settings;
    std::string firstKey;  ///< as configured, with its origin; empty when only its library was found
};

bool isPluginId(std::string_view id) {
    return !id.empty() && id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::map<std::string, Plugin> discover(const std::filesystem::path& directory) {
    std::map<std::string, Plugin> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        const auto id = entry.path().stem().string();
        if (entry.path().extension() == ".so" && isPluginId(id)) found[id].library = entry.path();
    }
    return found;
}

}  // namespace

std::vector<PluginConfiguration> readPluginKeys(const ConfiguredValues& values,
                                                const std::filesystem::path& pluginsDirectory, bool enableAll,
                                                const std::filesystem::path& workingDirectory,
                                                std::vector<std::string>& problems) {
    auto plugins = discover(pluginsDirectory);
    std::vector<std::string> installed;
    for (const auto& [id, plugin] : plugins) installed.push_back(id);

    for (auto value = values.lower_bound(prefix); value != values.end() && value->first.starts_with(prefix); ++value) {
        const auto& [key, configured] = *value;
        const auto told = configured.origin + ": " + key;
        const auto dot = key.find('.', prefix.size());
        const auto id = key.substr(prefix.size(), dot == std::string::npos ? dot : dot - prefix.size());
        if (dot == std::string::npos || dot + 1 == key.size() || !isPluginId(id)) {
            problems.push_back(told + " is not of the form plugin.<id>.<setting>, the id in a-z, 0-9 and \"-\"");
            continue;
        }
        const auto name = key.substr(dot + 1);
        auto& plugin = plugins[id];
        if (plugin.firstKey.empty()) plugin.firstKey = told;
        if (name == "enabled" || name == "watch") {
            try {
                const bool flag = parseFlag(configured.text);
                if (name == "watch")
                    plugin.watch = flag;
                else
                    plugin.enabled = flag;
            } catch (const std::invalid_argument&) {
                problems.push_back(told + " = " + configured.text + " is not allowed; it takes true or false");
            }
        } else if (name == "library") {
            plugin.library = (workingDirectory / configured.text).lexically_normal();
            if (std::error_code error; !std::filesystem::is_regular_file(plugin.library, error))
                problems.push_back(told + " = " + configured.text + ": there is no file " + plugin.library.string());
        } else if (name == "paths") {
            plugin.paths = parseList(configured.text);
        } else {
            plugin.settings[name] = configured.text;
        }
    }

    std::vector<PluginConfiguration> configurations;
    for (auto& [id, plugin] : plugins) {
        if (plugin.library.empty()) {
            const auto nearest = nearestName(id, installed);
            problems.push_back(plugin.firstKey + ": there is no plugin \"" + id + "\" in " + pluginsDirectory.string() +
                               (nearest
                                    ? "; did you mean plugin." + *nearest + ".?"
                                    : "; put " + id + ".so there, or name its file with plugin." + id + ".library"));
            continue;
        }
        configurations.push_back({.id = id,
                                  .enabled = plugin.enabled.value_or(enableAll),
                                  .library = std::move(plugin.library),
                                  .watch = plugin.watch,
                                  .paths = std::move(plugin.paths),
                                  .settings = std::move(plugin.settings)});
    }
    return configurations;
}

}  // namespace playhouse::host
