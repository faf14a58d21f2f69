#pragma once

#include "RedisSettingsOf.h"

#include "platform/MetricsRegistry.h"
#include "platform/bus/RedisBus.h"

#include <utility>

namespace playhouse::tests {

/// A host as far as the bus goes.
struct BusHost {
    explicit BusHost(host::RedisSettings settings) : redis(std::move(settings)) { hub.connect(bus); }
    explicit BusHost(const RedisServer& server, int database = 6) : BusHost(settingsOf(server, database)) {}

    bool isListening() { return bus.waitUntilListening(soon()) && redis.waitUntilUp(soon()); }

    host::MetricsRegistry metrics;
    host::WorkerPool workers{2, 64};
    host::TimerQueue timers;
    host::RedisClient redis;
    host::BusHub hub{timers, workers, 64 * 1024 * 1024, &metrics.registry()};
    host::RedisBus bus{redis, hub, &metrics.registry()};
};

}  // namespace playhouse::tests
