#include "CheckConfiguration.h"

#include "ControlTables.h"
#include "configuration/Secrets.h"
#include "configuration/SettingsSchema.h"
#include "platform/HostClock.h"
#include "platform/Platform.h"
#include "plugins/PluginManager.h"
#include "routing/RouteTable.h"
#include "trust/TlsContext.h"

#include <Poco/TemporaryFile.h>

#include <ostream>

namespace playhouse::host {
namespace {

void tellValues(const LoadedConfiguration& loaded, std::ostream& out) {
    out << "Files, the strongest last:";
    for (const auto& file : loaded.files) out << " " << file.string();
    out << (loaded.files.empty() ? " none\n\n" : "\n\n");
    std::vector<std::vector<std::string>> lines{{"KEY", "FROM", "VALUE"}};
    const auto tell = [&](const std::string& key, const ConfiguredValue& value) {
        lines.push_back({key, value.origin, value.text.empty() ? "(empty)" : withoutSecrets(key, value.text)});
    };
    for (const auto& setting : settingsSchema())
        tell(std::string(setting.key), loaded.values.find(setting.key)->second);
    for (const auto& [key, value] : loaded.values)
        if (findSetting(key) == nullptr) tell(key, value);
    out << table(lines) << "\n";
}

void tellUnread(const LoadedConfiguration& loaded, std::ostream& out) {
    out << "Environment variables that nothing reads yet:\n";
    for (const auto name : unreadEnvironmentVariables()) {
        const auto set = loaded.unread.find(std::string(name));
        out << "  " << name;
        if (set != loaded.unread.end()) out << " = " << withoutSecrets(name, set->second);
        out << "\n";
    }
    out << "\n";
}

bool tellPlugins(const HostConfiguration& host, std::ostream& out) {
    Poco::TemporaryFile scratch;
    scratch.createDirectories();
    const std::filesystem::path root(scratch.path());
    MetricsRegistry metrics;
    WorkerPool workers(2, host.mostWaitingWork);
    TimerQueue timers;
    HostClock clock;
    ChannelHub channels;
    Platform platform{metrics, workers, timers, clock, channels, root / "storage"};
    RouteTableSlot routes;
    PluginManager plugins(platform, routes, root / "generations", host.swap);
    std::vector<std::string> failures;
    try {
        failures = plugins.startAll(host.plugins);
    } catch (const PluginError& error) {
        out << "Plugins: " << error.what() << "\n";
        return false;
    }
    std::vector<std::vector<std::string>> lines{{"PLUGIN", "VERSION", "STARTS", "LIBRARY"}};
    for (const auto& plugin : plugins.status()) {
        const bool isOff = plugin.state == PluginState::Disabled;
        const bool starts = plugin.state == PluginState::Serving;
        lines.push_back({plugin.id, plugin.version.empty() ? "-" : plugin.version,
                         isOff    ? "switched off"
                         : starts ? "yes"
                                  : "no",
                         plugin.library.string()});
    }
    out << table(lines);
    for (const auto& failure : failures) out << failure << "\n";
    plugins.stopAll(host.swap.drainTimeout);
    return failures.empty();
}

}  // namespace

bool checkConfiguration(const LoadedConfiguration& loaded, std::ostream& out) {
    tellValues(loaded, out);
    if (const auto& tls = loaded.host.edge.tls.context)
        for (const auto& warning : tls->warnings()) out << warning << ".\n\n";
    tellUnread(loaded, out);
    const bool valid = tellPlugins(loaded.host, out);
    out << (valid ? "\nThe configuration is valid.\n" : "\nNot every plugin that is switched on could start.\n");
    return valid;
}

}  // namespace playhouse::host
