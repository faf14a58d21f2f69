#include "BusLane.h"

#include "platform/ThrownText.h"

#include <prometheus/counter.h>

#include <chrono>
#include <exception>
#include <utility>

namespace playhouse::host {
namespace {

/// How soon a lane asks again when no worker was free.
constexpr std::chrono::milliseconds laneRetryInterval{20};

/// Messages that one lane takes before others get the worker.
constexpr int messagesAtOnce = 64;

/// What a queue and the allocator take for a message beside its texts.
constexpr std::size_t messageOverhead = 128;

}  // namespace

BusLane::BusLane(Parts parts, std::string topic, std::function<void(const BusMessage&)> handler)
    : parts_(std::move(parts)), topic_(std::move(topic)), handler_(std::move(handler)) {}

std::size_t BusLane::costOf(const BusMessage& message) {
    return message.topic.size() + message.payload.size() + messageOverhead;
}

void BusLane::push(Message message) {
    const std::lock_guard lock(mutex_);
    if (withdrawn_) return;
    // One that is told of gaps need not hear of two before it has looked after one.
    if (topic_.empty() && !waiting_.empty()) return;
    bytes_ += costOf(*message);
    waiting_.push_back(std::move(message));
    bound();
    schedule();
}

BusLane::Messages BusLane::withdraw() {
    const std::lock_guard lock(mutex_);
    withdrawn_ = true;
    bytes_ = 0;
    return std::exchange(waiting_, {});
}

void BusLane::adopt(Messages messages) {
    if (messages.empty()) return;
    const std::lock_guard lock(mutex_);
    for (const auto& message : messages) bytes_ += costOf(*message);
    messages.insert(messages.end(), waiting_.begin(), waiting_.end());
    waiting_ = std::move(messages);
    bound();
    schedule();
}

void BusLane::revoke() {
    std::function<void(const BusMessage&)> dropped;
    const std::lock_guard lock(mutex_);
    withdrawn_ = true;
    waiting_.clear();
    dropped.swap(handler_);
}

void BusLane::bound() {
    while (bytes_ > parts_.mostBytes && waiting_.size() > 1) {
        bytes_ -= costOf(*waiting_.front());
        waiting_.pop_front();
        if (parts_.dropped) parts_.dropped->Increment();
    }
}

void BusLane::schedule() {
    if (std::exchange(scheduled_, true)) return;
    goOn();
}

/// With the mutex held or not: it takes none.
void BusLane::goOn() {
    const auto enterLater = [lane = weak_from_this()] {
        if (const auto self = lane.lock()) self->enter();
    };
    if (parts_.workers.submit(enterLater)) return;
    parts_.timers.at(std::chrono::steady_clock::now() + laneRetryInterval, [lane = weak_from_this()] {
        if (const auto self = lane.lock()) self->goOn();
    });
}

void BusLane::enter() {
    while (!parts_.gate->isClosed()) {
        if (const auto lease = parts_.gate->enter()) return drain();
        const auto parking = parts_.gate->parkUncounted([lane = weak_from_this()] {
            if (const auto self = lane.lock()) self->goOn();
        });
        if (parking == LeaseGate::Parking::Parked) return;
    }
    // What waits still is withdrawn, or goes with the lane.
}

BusLane::Message BusLane::take() {
    if (waiting_.empty()) return nullptr;
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= costOf(*message);
    return message;
}

/// With a lease held by the caller.
void BusLane::drain() {
    for (int count = 0; count < messagesAtOnce; ++count) {
        Message message;
        {
            const std::lock_guard lock(mutex_);
            message = take();
            if (!message) {
                scheduled_ = false;
                return;
            }
        }
        try {
            handler_(*message);
        } catch (const std::exception& problem) {
            parts_.logger.error("a handler of " + (topic_.empty() ? "gaps" : "\"" + topic_ + "\"") +
                                " failed: " + thrownText(problem));
        } catch (...) {
            parts_.logger.error("a handler of messages failed with something that is no std::exception");
        }
    }
    goOn();
}

}  // namespace playhouse::host
