#include "PluginSettings.h"

#include "configuration/NearestName.h"

#include <utility>

namespace playhouse::host {

PluginSettings::PluginSettings(std::string pluginId, std::map<std::string, std::string> values)
    : pluginId_(std::move(pluginId)), values_(std::move(values)) {}

std::vector<std::string> PluginSettings::unread() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_)
        if (!known_.contains(name)) names.push_back(name);
    return names;
}

std::string PluginSettings::describeUnread() const {
    const std::vector<std::string> known(known_.begin(), known_.end());
    std::string text;
    for (const auto& name : unread()) {
        if (!text.empty()) text += "; ";
        text += "unknown setting \"" + keyOf(name) + "\"";
        const auto nearest = nearestName(name, known);
        if (nearest) text += "; did you mean \"" + keyOf(*nearest) + "\"?";
    }
    return text;
}

std::optional<std::string> PluginSettings::raw(std::string_view name) {
    known_.emplace(name);
    const auto found = values_.find(std::string(name));
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::string PluginSettings::keyOf(std::string_view name) const {
    return "plugin." + pluginId_ + "." + std::string(name);
}

}  // namespace playhouse::host
