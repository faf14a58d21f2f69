#include "ServerParts.h"

#include <utility>

namespace playhouse::host {

Server::Parts::Parts(ConfigurationSources given, LoadedConfiguration loaded, std::shared_ptr<KeptLogs> kept)
    : sources(std::move(given)),
      logs(std::move(kept)),
      workers(loaded.host.workerThreads, loaded.host.mostWaitingWork, &metrics.registry()),
      database(loaded.host.database, metrics.registry()),
      platform{metrics, workers, timers, clock, channels, loaded.host.storagePath, database},
      plugins(platform, routes, loaded.host.generationsDirectory, loaded.host.swap),
      edge(loaded.host.edge, routes, workers, channels, metrics.registry()),
      publicMetrics(loaded.host.publicMetrics),
      configuration_(std::move(loaded)) {}

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
