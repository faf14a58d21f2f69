#pragma once

#include <playhouse/Settings.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::testing {

/// Settings from a map of names (without "plugin.<id>.") to texts. Not safe from several threads.
class FakeSettings final : public Settings {
public:
    explicit FakeSettings(std::string pluginId, std::map<std::string, std::string> values = {});

    void set(const std::string& name, std::string value) { values_[name] = std::move(value); }

    /// The names that are set and were never read; the host refuses to start a plugin that leaves any.
    std::vector<std::string> unread() const;

protected:
    std::optional<std::string> raw(std::string_view name) override;
    std::string keyOf(std::string_view name) const override;

private:
    std::string pluginId_;
    std::map<std::string, std::string> values_;
    std::set<std::string> read_;
};

}  // namespace playhouse::testing
