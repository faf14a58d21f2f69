#include "ServerParts.h"

#include "configuration/ConfigurationError.h"
#include "identity/TokenSecret.h"
#include "limits/LocalRateLimiter.h"
#include "limits/SharedRateLimiter.h"
#include "platform/redis/RedisAtomicScripts.h"

#include <Poco/Logger.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace playhouse::host {
namespace {

/// Of parts that are made up to there.
CacheStore& cacheOf(auto& parts) {
    if (parts.redisCache) return *parts.redisCache;
    return parts.memoryCache;
}

std::unique_ptr<RateLimiter> limiterOf(auto& parts) {
    if (parts.scripts) return std::make_unique<SharedRateLimiter>(*parts.scripts, parts.clock);
    return std::make_unique<LocalRateLimiter>(parts.clock);
}

}  // namespace

Server::Parts::Parts(ConfigurationSources given, LoadedConfiguration loaded, std::shared_ptr<KeptLogs> kept)
    : sources(std::move(given)),
      logs(std::move(kept)),
      workers(loaded.host.workerThreads, loaded.host.mostWaitingWork, &metrics.registry()),
      redis(loaded.host.redis ? std::make_unique<RedisClient>(*loaded.host.redis, &metrics.registry()) : nullptr),
      memoryCache(loaded.host.cacheSize, clock, &metrics.registry()),
      redisCache(redis ? std::make_unique<RedisCache>(*redis, memoryCache, &metrics.registry()) : nullptr),
      bus(timers, workers, loaded.host.busQueueSize, &metrics.registry()),
      redisBus(redis ? std::make_unique<RedisBus>(*redis, bus, &metrics.registry()) : nullptr),
      identities(TokenKeys::ofSecret(randomSecret()), loaded.host.identity.rules, clock, metrics.registry()),
      scripts(redis ? std::make_unique<RedisAtomicScripts>(*redis) : nullptr),
      limiter(limiterOf(*this)),
      database(loaded.host.database, metrics.registry()),
      platform{metrics,        workers, timers,     clock,    channels,
               cacheOf(*this), bus,     identities, database, loaded.host.storagePath},
      plugins(platform, routes, loaded.host.generationsDirectory, loaded.host.swap),
      edge(loaded.host.edge, routes, workers, channels, metrics.registry(), &identities, limiter.get()),
      publicMetrics(loaded.host.publicMetrics),
      configuration_(std::move(loaded)) {
    if (redisBus) bus.connect(*redisBus);
}

void Server::Parts::useIdentity(const HostConfiguration& host) {
    const auto& identity = host.identity;
    auto keys = identity.keys;
    try {
        if (!keys) keys = TokenKeys::ofSecret(keptSecret(host.storagePath / keptSecretFile));
    } catch (const std::runtime_error& problem) {
        throw ConfigurationError(std::string("identity.secret is empty, and ") + problem.what());
    }
    identities.reconfigure(std::move(keys), identity.rules);
    for (const auto& warning : identity.warnings) Poco::Logger::get("identity").warning(warning);
}

LoadedConfiguration Server::Parts::configuration() const {
    const std::lock_guard lock(mutex_);
    return configuration_;
}

void Server::Parts::setConfiguration(LoadedConfiguration loaded) {
    const std::lock_guard lock(mutex_);
    configuration_ = std::move(loaded);
}

Server::Parts::LastReload Server::Parts::lastReload() const {
    const std::lock_guard lock(mutex_);
    return lastReload_;
}

void Server::Parts::setLastReload(LastReload last) {
    const std::lock_guard lock(mutex_);
    lastReload_ = std::move(last);
}

}  // namespace playhouse::host
