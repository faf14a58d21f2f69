#pragma once

#include <playhouse/Settings.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// The settings of one generation, and which of them the plugin has asked for. One thread at a time.
class PluginSettings final : public Settings {
public:
    PluginSettings(std::string pluginId, std::map<std::string, std::string> values);

    /// The configured names that nobody has read: unknown ones, once start() has returned.
    std::vector<std::string> unread() const;

    /// A message for the operator that names the unknown keys, each with the nearest known one; empty when all were
    /// read.
    std::string describeUnread() const;

protected:
    std::optional<std::string> raw(std::string_view name) override;
    std::string keyOf(std::string_view name) const override;

private:
    std::string pluginId_;
    std::map<std::string, std::string> values_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace playhouse::host
