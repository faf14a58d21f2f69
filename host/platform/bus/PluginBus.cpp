#include "PluginBus.h"

#include <stdexcept>
#include <utility>

namespace playhouse::host {

PluginBus::PluginBus(BusHub& hub, std::string pluginId, std::shared_ptr<LeaseGate> gate, Logger& logger)
    : hub_(hub), pluginId_(std::move(pluginId)), gate_(std::move(gate)), logger_(logger) {}

PluginBus::~PluginBus() {
    revoke();
}

void PluginBus::publish(std::string_view topic, std::string_view payload, WhenAway whenAway) {
    hub_.publish(topic, payload, whenAway);
}

void PluginBus::subscribe(std::string_view topic, std::function<void(const BusMessage&)> handler) {
    checkBusTopic(topic);
    if (!handler) throw std::invalid_argument("a subscription needs a handler");
    add(std::string(topic), std::move(handler));
}

void PluginBus::onGap(std::function<void()> handler) {
    if (!handler) throw std::invalid_argument("onGap() needs a handler");
    add({}, [handler = std::move(handler)](const BusMessage&) { handler(); });
}

void PluginBus::add(std::string topic, std::function<void(const BusMessage&)> handler) {
    if (!declaring_) throw std::logic_error("the bus takes subscriptions inside of start() alone");
    lanes_.push_back(hub_.makeLane(pluginId_, gate_, logger_, std::move(topic), std::move(handler)));
}

void PluginBus::goLive(PluginBus* before) {
    hub_.replace(before ? std::span<const std::shared_ptr<BusLane>>(before->lanes_)
                        : std::span<const std::shared_ptr<BusLane>>(),
                 lanes_);
}

void PluginBus::withdraw() {
    hub_.replace(lanes_, {});
}

void PluginBus::revoke() {
    withdraw();
    for (const auto& lane : lanes_) lane->revoke();
    lanes_.clear();
}

}  // namespace playhouse::host
