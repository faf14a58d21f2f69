#pragma once

#include "AdminServer.h"
#include "KeptLogs.h"
#include "ProcessFigures.h"
#include "Server.h"
#include "edge/HttpServer.h"
#include "identity/TokenIdentities.h"
#include "limits/AtomicScripts.h"
#include "limits/RateLimiter.h"
#include "platform/HostClock.h"
#include "platform/MetricsRegistry.h"
#include "platform/Platform.h"
#include "platform/TimerQueue.h"
#include "platform/WorkerPool.h"
#include "platform/bus/RedisBus.h"
#include "platform/bus/SessionEndingsBus.h"
#include "platform/cache/RedisCache.h"
#include "platform/redis/RedisClient.h"
#include "plugins/PluginManager.h"
#include "routing/RouteTable.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>

namespace playhouse::host {

/// What a Server is made of, in the order in which one part needs another.
class Server::Parts {
public:
    Parts(ConfigurationSources sources, LoadedConfiguration loaded, std::shared_ptr<KeptLogs> logs);

    const ConfigurationSources sources;
    const std::shared_ptr<KeptLogs> logs;
    const std::chrono::system_clock::time_point startedAt = std::chrono::system_clock::now();

    MetricsRegistry metrics;
    ProcessFigures figures{metrics.registry()};
    HostClock clock;
    WorkerPool workers;
    TimerQueue timers;
    ChannelHub channels;
    const std::unique_ptr<RedisClient> redis;  ///< null without redis.url, as what follows from it
    MemoryCache memoryCache;
    const std::unique_ptr<RedisCache> redisCache;
    BusHub bus;
    const std::unique_ptr<RedisBus> redisBus;
    TokenIdentities identities;  ///< of a secret that nobody knows, until useIdentity()
    SessionEndingsBus sessionEndings{bus, identities};
    const std::unique_ptr<AtomicScripts> scripts;
    const std::unique_ptr<RateLimiter> limiter;
    HostDatabase database;
    Platform platform;
    RouteTableSlot routes;
    PluginManager plugins;
    HttpServer edge;
    std::unique_ptr<AdminServer> admin;
    std::atomic<bool> publicMetrics;
    bool running = false;  ///< between start() and stop(), which are called on one thread

    /// The configuration in use; `values` of keys that need a restart are those that the server started with.
    LoadedConfiguration configuration() const;
    void setConfiguration(LoadedConfiguration loaded);

    /// From now on tokens are signed and verified as configured. Throws ConfigurationError, with nothing changed, when
    /// the secret in storage cannot be used.
    void useIdentity(const HostConfiguration& host);

    std::mutex reloading;  ///< held for one reload

    /// Keys that the newest configuration sets otherwise than what runs, and how the last reload went.
    struct LastReload {
        std::vector<std::string> needsRestart;
        std::string outcome;
    };
    LastReload lastReload() const;
    void setLastReload(LastReload last);

private:
    mutable std::mutex mutex_;
    LoadedConfiguration configuration_;
    LastReload lastReload_;
};

}  // namespace playhouse::host
