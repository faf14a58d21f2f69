#include "BusHub.h"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostPayloadBytes = 1024 * 1024;

}  // namespace

struct BusHub::Figures {
    explicit Figures(prometheus::Registry& registry)
        : published(prometheus::BuildCounter()
                        .Name("playhouse_bus_published_total")
                        .Help("Messages that plugins of this host have published")
                        .Register(registry)
                        .Add({})),
          dropped(prometheus::BuildCounter()
                      .Name("playhouse_bus_dropped_total")
                      .Help("Messages that a subscription did not take in time")
                      .Register(registry)) {}

    prometheus::Counter& published;
    prometheus::Family<prometheus::Counter>& dropped;
};

BusHub::BusHub(TimerQueue& timers, WorkerPool& workers, std::size_t queueSize, prometheus::Registry* figures)
    : timers_(timers),
      workers_(workers),
      queueSize_(queueSize),
      figures_(figures ? std::make_unique<Figures>(*figures) : nullptr) {}

BusHub::~BusHub() = default;

void BusHub::publish(std::string_view topic, std::string_view payload, WhenAway whenAway) {
    checkBusTopic(topic);
    if (payload.size() > mostPayloadBytes)
        throw std::length_error("a message has at most " + std::to_string(mostPayloadBytes) + " bytes, this one " +
                                std::to_string(payload.size()));
    auto message = std::make_shared<BusMessage>(BusMessage{std::string(topic), std::string(payload), true});
    // What cannot be sent, and must be, is not to be heard here either.
    if (relay_ && whenAway == WhenAway::Fail) relay_->send(*message, whenAway);
    deliver(message);
    if (relay_ && whenAway == WhenAway::Local) relay_->send(*message, whenAway);
    if (figures_) figures_->published.Increment();
}

void BusHub::deliver(BusLane::Message message) {
    const std::lock_guard lock(mutex_);
    const auto lanes = live_.find(message->topic);
    if (lanes == live_.end()) return;
    for (const auto& lane : lanes->second) lane->push(message);
}

void BusHub::tellGap() {
    deliver(std::make_shared<BusMessage>());
}

void BusHub::replace(std::span<const std::shared_ptr<BusLane>> before, std::span<const std::shared_ptr<BusLane>> next) {
    const std::lock_guard lock(mutex_);
    std::vector<bool> taken(next.size());
    for (const auto& lane : before) {
        if (const auto lanes = live_.find(lane->topic()); lanes != live_.end()) {
            std::erase(lanes->second, lane);
            if (lanes->second.empty()) live_.erase(lanes);
        }
        auto left = lane->withdraw();
        for (std::size_t index = 0; index < next.size(); ++index) {
            if (taken[index] || next[index]->topic() != lane->topic()) continue;
            taken[index] = true;
            next[index]->adopt(std::move(left));
            break;
        }
    }
    for (const auto& lane : next) live_[lane->topic()].push_back(lane);
}

std::shared_ptr<BusLane> BusHub::makeLane(const std::string& pluginId, std::shared_ptr<LeaseGate> gate, Logger& logger,
                                          std::string topic, std::function<void(const BusMessage&)> handler) {
    auto* const dropped = figures_ ? &figures_->dropped.Add({{"plugin", pluginId}}) : nullptr;
    return std::make_shared<BusLane>(BusLane::Parts{timers_, workers_, std::move(gate), logger, queueSize_, dropped},
                                     std::move(topic), std::move(handler));
}

void checkBusTopic(std::string_view topic) {
    constexpr std::size_t mostTopicBytes = 256;
    if (topic.empty() || topic.size() > mostTopicBytes)
        throw std::invalid_argument("a topic of the bus has from 1 to " + std::to_string(mostTopicBytes) + " bytes");
}

}  // namespace playhouse::host
