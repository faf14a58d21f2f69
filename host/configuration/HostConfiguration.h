#pragma once

#include "edge/EdgeSettings.h"
#include "identity/IdentitySettings.h"
#include "platform/database/DatabaseSettings.h"
#include "platform/redis/RedisSettings.h"
#include "plugins/PluginConfiguration.h"
#include "plugins/SwapSettings.h"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// A setting's text and where it came from: "config/demo.properties:12", "environment variable PORT", "-D", "default".
struct ConfiguredValue {
    std::string text;
    std::string origin;

    bool operator==(const ConfiguredValue&) const = default;
};

using ConfiguredValues = std::map<std::string, ConfiguredValue, std::less<>>;

enum class LogFormat { Text, Json };

struct LogSettings {
    std::string level = "info";
    LogFormat format = LogFormat::Text;
    std::size_t keptLines = 2000;
};

struct ControlSettings {
    bool enabled = true;
    std::filesystem::path socket;
    mode_t socketMode = 0600;
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: nothing listens on TCP
    std::string token{};     ///< that callers over TCP must send
};

struct WatchSettings {
    bool enabled = true;
    std::chrono::milliseconds interval{1000};
};

/// Everything that configuration decides, checked and typed. Paths are absolute.
struct HostConfiguration {
    EdgeSettings edge;
    IdentitySettings identity;
    std::size_t workerThreads = 0;
    std::size_t mostWaitingWork = 0;
    std::filesystem::path storagePath;
    DatabaseSettings database;
    std::optional<RedisSettings> redis;
    std::size_t cacheSize = 0;
    std::size_t busQueueSize = 0;
    std::filesystem::path pluginsDirectory;
    std::filesystem::path generationsDirectory;
    std::vector<PluginConfiguration> plugins;
    SwapSettings swap;
    ControlSettings control;
    LogSettings log;
    bool publicMetrics = true;
    std::chrono::milliseconds shutdownTimeout{};
    WatchSettings watch;
};

/// Makes the typed configuration of `values`, which hold every key of the schema, each allowed, and which are read
/// without a look at the plugins' keys: `plugins` stays empty. Throws ConfigurationError when a trusted key, a key of
/// tokens, or the certificate of TLS or its key, cannot be used, a trusted proxy is no address, or a URL is malformed.
HostConfiguration makeHostConfiguration(const ConfiguredValues& values, const std::filesystem::path& workingDirectory,
                                        const std::filesystem::path& executableDirectory);

/// The keys, of the host and of plugins, whose values differ or that only one of the two has, sorted.
std::vector<std::string> changedKeys(const ConfiguredValues& before, const ConfiguredValues& after);

/// The keys whose values differ and that a running server cannot take over, in the schema's order.
std::vector<std::string> changesThatNeedARestart(const ConfiguredValues& running, const ConfiguredValues& next);

}  // namespace playhouse::host
