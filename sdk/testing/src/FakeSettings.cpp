#include <playhouse/testing/FakeSettings.h>

#include <utility>

namespace playhouse::testing {

FakeSettings::FakeSettings(std::string pluginId, std::map<std::string, std::string> values)
    : pluginId_(std::move(pluginId)), values_(std::move(values)) {}

std::vector<std::string> FakeSettings::unread() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_)
        if (!read_.contains(name)) names.push_back(name);
    return names;
}

std::optional<std::string> FakeSettings::raw(std::string_view name) {
    const auto [key, isNew] = read_.emplace(name);
    const auto value = values_.find(*key);
    if (value == values_.end()) return std::nullopt;
    return value->second;
}

std::string FakeSettings::keyOf(std::string_view name) const {
    return "plugin." + pluginId_ + "." + std::string(name);
}

}  // namespace playhouse::testing
