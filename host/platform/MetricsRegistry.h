#pragma once

#include <playhouse/Metrics.h>

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace playhouse::host {

/// All figures of the process. Safe from any thread.
class MetricsRegistry {
public:
    MetricsRegistry();
    ~MetricsRegistry();
    MetricsRegistry(const MetricsRegistry&) = delete;
    MetricsRegistry& operator=(const MetricsRegistry&) = delete;

    /// For the host's own figures.
    prometheus::Registry& registry() noexcept { return *registry_; }

    /// Everything in the Prometheus text format, version 0.0.4.
    std::string text() const;

    /// The figures of one generation of a plugin: they carry the label `plugin`, and go on where those of the
    /// generation before stopped. Must not outlive the registry.
    std::unique_ptr<Metrics> forPlugin(std::string pluginId);

private:
    std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace playhouse::host
