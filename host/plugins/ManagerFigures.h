#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace playhouse::host {

/// What `GET /metrics` shows of plugins' generations and swaps. Safe from any thread.
class ManagerFigures {
public:
    explicit ManagerFigures(prometheus::Registry& registry);

    /// How many generations of `plugin` there are now: state "serving", "draining" or "resident".
    void setGenerations(const std::string& plugin, const std::string& state, std::size_t count);

    /// A swap that was published after `took`.
    void addSwap(const std::string& plugin, std::chrono::microseconds took);

    /// A swap that changed nothing; `code` as in PluginError.
    void addFailedSwap(const std::string& plugin, const std::string& code);

    /// A return to the version before, by the cause: "order", or "errors" or "health" of a new version on probation.
    void addRollback(const std::string& plugin, const std::string& cause);

private:
    prometheus::Family<prometheus::Gauge>& generations_;
    prometheus::Family<prometheus::Counter>& swaps_;
    prometheus::Family<prometheus::Counter>& rollbacks_;
    prometheus::Family<prometheus::Histogram>& seconds_;
};

}  // namespace playhouse::host
