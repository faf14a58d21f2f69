#include "MetricsRegistry.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

class PrometheusCounter final : public Counter {
public:
    explicit PrometheusCounter(prometheus::Counter& figure) : figure_(figure) {}
    void add(double amount) override { figure_.Increment(amount); }

private:
    prometheus::Counter& figure_;
};

class PrometheusGauge final : public Gauge {
public:
    explicit PrometheusGauge(prometheus::Gauge& figure) : figure_(figure) {}
    void set(double value) override { figure_.Set(value); }
    void add(double amount) override { figure_.Increment(amount); }

private:
    prometheus::Gauge& figure_;
};

class PrometheusHistogram final : public Histogram {
public:
    explicit PrometheusHistogram(prometheus::Histogram& figure) : figure_(figure) {}
    void observe(double value) override { figure_.Observe(value); }

private:
    prometheus::Histogram& figure_;
};

/// Figures of one kind that a plugin has asked for; each stays where it is.
template <class Figure>
using Figures = std::map<std::pair<std::string, Metrics::Labels>, std::unique_ptr<Figure>>;

class PluginMetrics final : public Metrics {
public:
    PluginMetrics(std::shared_ptr<prometheus::Registry> registry, std::string pluginId)
        : registry_(std::move(registry)), pluginId_(std::move(pluginId)) {}

    Counter& counter(const std::string& name, const std::string& help, const Labels& labels) override {
        return find(counters_, name, labels, [&](const Labels& all) {
            auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(*registry_);
            return std::make_unique<PrometheusCounter>(family.Add(all));
        });
    }

    Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) override {
        return find(gauges_, name, labels, [&](const Labels& all) {
            auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(*registry_);
            return std::make_unique<PrometheusGauge>(family.Add(all));
        });
    }

    Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                         const Labels& labels) override {
        if (bounds.empty() || !std::is_sorted(bounds.begin(), bounds.end(), std::less_equal<>()))
            throw std::invalid_argument("metric " + name + ": the bounds of a histogram must be ascending, and some");
        if (labels.contains("le")) throw std::invalid_argument("metric " + name + ": \"le\" is the buckets' own label");
        return find(histograms_, name, labels, [&](const Labels& all) {
            auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_);
            return std::make_unique<PrometheusHistogram>(family.Add(all, bounds));
        });
    }

private:
    template <class Figure, class Make>
    Figure& find(Figures<Figure>& figures, const std::string& name, const Labels& labels, const Make& make) {
        const std::lock_guard lock(mutex_);
        auto key = std::pair(name, labels);
        if (const auto found = figures.find(key); found != figures.end()) return *found->second;
        if (labels.contains("plugin"))
            throw std::invalid_argument("metric " + name + ": the label \"plugin\" is set by the host");
        auto all = labels;
        all.emplace("plugin", pluginId_);
        try {
            return *figures.emplace(std::move(key), make(all)).first->second;
        } catch (const std::invalid_argument& problem) {
            throw std::invalid_argument("metric " + name + ": " + problem.what());
        }
    }

    std::shared_ptr<prometheus::Registry> registry_;
    std::string pluginId_;
    std::mutex mutex_;
    Figures<Counter> counters_;
    Figures<Gauge> gauges_;
    Figures<Histogram> histograms_;
};

}  // namespace

MetricsRegistry::MetricsRegistry() : registry_(std::make_shared<prometheus::Registry>()) {}

MetricsRegistry::~MetricsRegistry() = default;

std::string MetricsRegistry::text() const {
    return prometheus::TextSerializer().Serialize(registry_->Collect());
}

std::unique_ptr<Metrics> MetricsRegistry::forPlugin(std::string pluginId) {
    return std::make_unique<PluginMetrics>(registry_, std::move(pluginId));
}

}  // namespace playhouse::host
