#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

enum class SettingKind {
    Text,
    Flag,      ///< true or false
    Integer,   ///< from `least` to `most`
    ByteSize,  ///< from `least` bytes
    Duration,  ///< from `least` milliseconds
    List,      ///< separated by commas
    Path,      ///< relative ones count from the process's working directory
    Address,   ///< IPv4 or IPv6
    Choice,    ///< one of `choices`
    FileMode,  ///< octal permissions
};

/// One key of the host: what config/playhouse.properties says above it, and what the loader checks.
struct SettingDescription {
    std::string_view key;
    SettingKind kind = SettingKind::Text;
    std::string_view fallback;  ///< the default, as an operator would write it
    std::string_view meaning;   ///< what it does, and why one would change it
    std::string_view unit{};    ///< what an Integer counts, when the key does not say
    std::int64_t least = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string_view> choices{};
    std::string_view environmentVariable{};  ///< that overrides files; empty: none does
    bool needsRestart = false;               ///< a running server keeps the old value

    /// Makes of that variable's text what an operator would write; null: it is the same.
    std::string (*fromEnvironment)(std::string_view text) = nullptr;
};

/// Every key of the host, in the order in which people should meet them. Plugins' keys are their own.
const std::vector<SettingDescription>& settingsSchema();

/// The description of `key`; null for an unknown one.
const SettingDescription* findSetting(std::string_view key);

/// What `setting` takes, for people: "a whole number from 0 to 65535".
std::string allowedValues(const SettingDescription& setting);

/// Throws std::invalid_argument, saying what is allowed, when `setting` cannot be `text`.
void checkSetting(const SettingDescription& setting, const std::string& text);

/// Variables that deployments of the platform set and that nothing here reads yet; listed by --check-config.
const std::vector<std::string_view>& unreadEnvironmentVariables();

}  // namespace playhouse::host
