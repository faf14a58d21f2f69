#include "CheckConfiguration.h"

#include "ControlTables.h"
#include "configuration/DatabaseUrl.h"
#include "configuration/Secrets.h"
#include "configuration/SettingsSchema.h"
#include "identity/TokenIdentities.h"
#include "identity/TokenSecret.h"
#include "platform/HostClock.h"
#include "platform/Platform.h"
#include "platform/cache/MemoryCache.h"
#include "plugins/PluginManager.h"
#include "routing/RouteTable.h"
#include "trust/TlsContext.h"

#include <Poco/TemporaryFile.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>

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

/// A server's plugins over a storage that goes with them, and nothing else of a server.
class Rehearsal {
public:
    explicit Rehearsal(const HostConfiguration& host)
        : root_(directoryOf(scratch_)),
          workers_(2, host.mostWaitingWork),
          cache_(host.cacheSize, clock_),
          bus_(timers_, workers_, host.busQueueSize),
          plugins(platform_, routes_, root_ / "generations", host.swap) {}

    /// Removes the storage also of one that cannot be destroyed.
    void removeStorage() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

private:
    static std::filesystem::path directoryOf(Poco::TemporaryFile& scratch) {
        scratch.createDirectories();
        return scratch.path();
    }

    Poco::TemporaryFile scratch_;
    const std::filesystem::path root_;
    MetricsRegistry metrics_;
    WorkerPool workers_;
    TimerQueue timers_;
    HostClock clock_;
    ChannelHub channels_;
    MemoryCache cache_;
    BusHub bus_;
    TokenIdentities identities_{TokenKeys::ofSecret(randomSecret()), {}, clock_, metrics_.registry()};
    // Tables of its own: those of the server are not to be changed by a rehearsal.
    HostDatabase database_{databaseOf("", root_ / "storage"), metrics_.registry()};
    Platform platform_{metrics_, workers_, timers_,     clock_,    channels_,
                       cache_,   bus_,     identities_, database_, root_ / "storage"};
    RouteTableSlot routes_;

public:
    PluginManager plugins;
};

bool tellPlugins(const HostConfiguration& host, PluginManager& plugins, std::ostream& out) {
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
    return failures.empty();
}

}  // namespace

CheckedConfiguration checkConfiguration(const LoadedConfiguration& loaded, std::ostream& out) {
    tellValues(loaded, out);
    if (const auto& tls = loaded.host.edge.tls.context)
        for (const auto& warning : tls->warnings()) out << warning << ".\n\n";
    for (const auto& warning : loaded.host.identity.warnings) out << warning << ".\n\n";
    tellUnread(loaded, out);
    auto rehearsal = std::make_unique<Rehearsal>(loaded.host);
    CheckedConfiguration found;
    found.isValid = tellPlugins(loaded.host, rehearsal->plugins, out);
    out << (found.isValid ? "\nThe configuration is valid.\n"
                          : "\nNot every plugin that is switched on could start.\n");
    found.isStuck = !rehearsal->plugins.stopAll(loaded.host.shutdownTimeout);
    if (found.isStuck) {
        out << "A plugin is still at work after shutdown.timeout; it would be cut off.\n";
        rehearsal->removeStorage();
        // Destroying it would wait for what does not end.
        static_cast<void>(rehearsal.release());
    }
    return found;
}

}  // namespace playhouse::host
