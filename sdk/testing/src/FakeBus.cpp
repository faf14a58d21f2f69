#include <playhouse/testing/FakeBus.h>

#include <playhouse/ApiError.h>

#include <stdexcept>
#include <utility>

namespace playhouse::testing {
namespace {

constexpr std::size_t mostTopicBytes = 256;
constexpr std::size_t mostPayloadBytes = 1024 * 1024;

void checkTopic(std::string_view topic) {
    if (topic.empty() || topic.size() > mostTopicBytes)
        throw std::invalid_argument("a topic of the bus has from 1 to 256 bytes");
}

void refuseAfterStart(bool started) {
    if (started) throw std::logic_error("the bus takes subscriptions inside of start() alone");
}

}  // namespace

void FakeBus::publish(std::string_view topic, std::string_view payload, WhenAway whenAway) {
    checkTopic(topic);
    if (payload.size() > mostPayloadBytes) throw std::length_error("a message has at most 1 MiB");
    {
        const std::lock_guard lock(mutex_);
        if (away_ && whenAway == WhenAway::Fail)
            throw ApiError(503, "BUS_UNAVAILABLE", "Messages cannot be sent to other hosts at the moment; try again.");
        published_.push_back({std::string(topic), std::string(payload), whenAway});
    }
    deliver({std::string(topic), std::string(payload), true});
}

void FakeBus::subscribe(std::string_view topic, std::function<void(const BusMessage&)> handler) {
    checkTopic(topic);
    if (!handler) throw std::invalid_argument("a subscription needs a handler");
    const std::lock_guard lock(mutex_);
    refuseAfterStart(started_);
    subscriptions_.push_back({std::string(topic), std::move(handler)});
}

void FakeBus::onGap(std::function<void()> handler) {
    if (!handler) throw std::invalid_argument("onGap() needs a handler");
    const std::lock_guard lock(mutex_);
    refuseAfterStart(started_);
    gapHandlers_.push_back(std::move(handler));
}

void FakeBus::arrive(std::string_view topic, std::string_view payload) {
    deliver({std::string(topic), std::string(payload), false});
}

void FakeBus::tellGap() {
    std::unique_lock lock(mutex_);
    const auto handlers = gapHandlers_;
    lock.unlock();
    for (const auto& handler : handlers) handler();
}

void FakeBus::setAway(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
}

std::vector<FakeBus::Published> FakeBus::published() const {
    const std::lock_guard lock(mutex_);
    return published_;
}

void FakeBus::endStart() {
    const std::lock_guard lock(mutex_);
    started_ = true;
}

void FakeBus::revoke() {
    const std::lock_guard lock(mutex_);
    subscriptions_.clear();
    gapHandlers_.clear();
}

void FakeBus::deliver(const BusMessage& message) {
    std::unique_lock lock(mutex_);
    const auto subscriptions = subscriptions_;
    lock.unlock();
    for (const auto& each : subscriptions)
        if (each.topic == message.topic) each.handler(message);
}

}  // namespace playhouse::testing
