#include "RedisFigures.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace playhouse::host {

RedisFigures::RedisFigures(prometheus::Registry* registry) {
    if (!registry) return;
    commands_ = &prometheus::BuildCounter()
                     .Name("playhouse_redis_commands_total")
                     .Help("Commands that Redis has answered")
                     .Register(*registry)
                     .Add({});
    auto& failures = prometheus::BuildCounter()
                         .Name("playhouse_redis_failures_total")
                         .Help("Commands that Redis refused (error), and calls that could not reach it (away)")
                         .Register(*registry);
    errors_ = &failures.Add({{"reason", "error"}});
    away_ = &failures.Add({{"reason", "away"}});
    up_ =
        &prometheus::BuildGauge().Name("playhouse_redis_up").Help("Whether Redis answers").Register(*registry).Add({});
    auto& connections = prometheus::BuildGauge()
                            .Name("playhouse_redis_connections")
                            .Help("Connections of the pool")
                            .Register(*registry);
    idle_ = &connections.Add({{"state", "idle"}});
    busy_ = &connections.Add({{"state", "busy"}});
    seconds_ = &prometheus::BuildHistogram()
                    .Name("playhouse_redis_seconds")
                    .Help("Time of a call that Redis answered, waiting for a connection included")
                    .Register(*registry)
                    .Add({}, prometheus::Histogram::BucketBoundaries{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                                     0.01, 0.05, 0.1, 0.5, 1});
}

void RedisFigures::count(std::size_t commands, std::chrono::duration<double> took) {
    if (!commands_) return;
    commands_->Increment(static_cast<double>(commands));
    seconds_->Observe(took.count());
}

void RedisFigures::countError() {
    if (errors_) errors_->Increment();
}

void RedisFigures::countAway() {
    if (away_) away_->Increment();
}

void RedisFigures::showUp(bool up) {
    if (up_) up_->Set(up ? 1 : 0);
}

void RedisFigures::showConnections(std::size_t idle, std::size_t busy) {
    if (!idle_) return;
    idle_->Set(static_cast<double>(idle));
    busy_->Set(static_cast<double>(busy));
}

}  // namespace playhouse::host
