#pragma once

#include "ChannelHub.h"
#include "MetricsRegistry.h"
#include "TimerQueue.h"
#include "WorkerPool.h"
#include "bus/BusHub.h"
#include "cache/CacheStore.h"
#include "database/HostDatabase.h"

#include <playhouse/Clock.h>
#include <playhouse/Identity.h>

#include <filesystem>

namespace playhouse::host {

/// What the process shares among plugins; a PluginContext hands out a plugin's part of it.
///
/// Everything referred to must outlive the PluginManager that uses it.
struct Platform {
    MetricsRegistry& metrics;
    WorkerPool& workers;
    TimerQueue& timers;
    Clock& clock;
    ChannelHub& channels;
    CacheStore& cache;
    BusHub& bus;
    Identities& identity;
    HostDatabase& database;
    std::filesystem::path storagePath;  ///< `storage.path`
};

}  // namespace playhouse::host
