#pragma once

#include <playhouse/Metrics.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace playhouse::testing {

/// Figures that a test can read. Safe from any thread.
class FakeMetrics final : public Metrics {
public:
    FakeMetrics();
    ~FakeMetrics() override;

    Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {}) override;
    Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {}) override;
    Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                         const Labels& labels = {}) override;

    /// The value of a counter or gauge; 0 when nobody asked for it.
    double value(const std::string& name, const Labels& labels = {}) const;

    /// What a histogram observed, in order; empty when nobody asked for it.
    std::vector<double> observations(const std::string& name, const Labels& labels = {}) const;

private:
    struct Figure;
    using Key = std::pair<std::string, Labels>;

    template <class Kind>
    Kind& figure(const std::string& name, const Labels& labels);
    const Figure* find(const std::string& name, const Labels& labels) const;

    mutable std::mutex mutex_;
    std::map<Key, std::unique_ptr<Figure>> figures_;
};

}  // namespace playhouse::testing
