#pragma once

#include <mutex>

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace playhouse::host {

/// The figures of the process itself, under Prometheus's own names (`process_resident_memory_bytes`, ..), and
/// `playhouse_build_info`, whose labels say what runs. Safe from any thread.
class ProcessFigures {
public:
    /// `registry` must outlive it.
    explicit ProcessFigures(prometheus::Registry& registry);

    /// Measures anew; to be called before the figures are shown.
    void refresh();

private:
    prometheus::Gauge& residentBytes_;
    prometheus::Gauge& virtualBytes_;
    prometheus::Gauge& openFiles_;
    prometheus::Gauge& mostFiles_;
    prometheus::Gauge& threads_;
    prometheus::Counter& cpuSeconds_;
    std::mutex mutex_;
};

}  // namespace playhouse::host
