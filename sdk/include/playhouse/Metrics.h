#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse {

/// Only ever rises. Safe from any thread.
class Counter {
public:
    virtual ~Counter();
    virtual void add(double amount = 1) = 0;
};

/// Rises and falls. Safe from any thread.
class Gauge {
public:
    virtual ~Gauge();
    virtual void set(double value) = 0;
    virtual void add(double amount) = 0;
};

/// Counts observations by size. Safe from any thread.
class Histogram {
public:
    virtual ~Histogram();
    virtual void observe(double value) = 0;
};

/// Figures that `GET /metrics` shows, in the Prometheus text format, each with the label `plugin`.
///
/// Names follow Prometheus: `playhouse_streaming_segments_packaged_total`, base units, `_total` for counters. Asking
/// again for the same name and labels gives the same figure, across generations too, so a swap does not reset it.
/// References are valid for the generation's life. Throws std::invalid_argument for a name that Prometheus would refuse
/// or that stands for another kind.
class Metrics {
public:
    using Labels = std::map<std::string, std::string>;

    virtual ~Metrics();
    virtual Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {}) = 0;
    virtual Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {}) = 0;

    /// `bounds`: ascending upper bounds of the buckets, in the unit that the name ends with.
    virtual Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                 const Labels& labels = {}) = 0;
};

}  // namespace playhouse
