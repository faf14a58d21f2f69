#include "SettingsSchema.h"

#include "SettingsTables.h"

#include <algorithm>
#include <iterator>

namespace playhouse::host {
namespace {

std::vector<SettingDescription> describe() {
    auto all = networkSettings();
    for (auto part : {identitySettings(), processSettings(), dataSettings()})
        std::move(part.begin(), part.end(), std::back_inserter(all));
    return all;
}

}  // namespace

const std::vector<SettingDescription>& settingsSchema() {
    static const auto schema = describe();
    return schema;
}

const SettingDescription* findSetting(std::string_view key) {
    for (const auto& setting : settingsSchema())
        if (setting.key == key) return &setting;
    return nullptr;
}

const std::vector<std::string_view>& unreadEnvironmentVariables() {
    static const std::vector<std::string_view> names{"STREAMING_SERVICE_URL", "ANALYTICS_SERVICE_URL",
                                                     "CHAT_SERVICE_URL",      "STORAGE_TYPE",
                                                     "CDN_CACHE_TTL",         "CDN_EDGE_LOCATIONS"};
    return names;
}

}  // namespace playhouse::host
