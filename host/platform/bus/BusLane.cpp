#include "BusLane.h"

#include "platform/ThrownText.h"

#include <prometheus/counter.h>

#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace playhouse::host {
namespace {

/// How soon a lane asks again when no worker was free.
constexpr std::chrono::milliseconds laneRetryInterval{20};

/// How soon a gap is told again whose handler has failed.
constexpr std::chrono::milliseconds firstGapPause{1'000};
constexpr std::chrono::milliseconds longestGapPause{30'000};

/// Messages that one lane takes before others get the worker.
constexpr int messagesAtOnce = 64;

/// What a queue and the allocator take for a message beside its texts.
constexpr std::size_t messageOverhead = 128;

}  // namespace

BusLane::BusLane(Parts parts, std::string topic, std::function<void(const BusMessage&)> handler)
    : parts_(std::move(parts)),
      topic_(std::move(topic)),
      handler_(std::move(handler)),
      gapPauses_(firstGapPause, longestGapPause) {}

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
    // Nobody knows yet whether it will be looked after; to be told of it twice does no harm.
    if (gap_ && waiting_.empty()) waiting_.push_back(gap_);
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
    if (!parts_.workers.submit(enterLater)) goOnAfter(laneRetryInterval);
}

void BusLane::goOnAfter(std::chrono::milliseconds pause) {
    parts_.timers.at(std::chrono::steady_clock::now() + pause, [lane = weak_from_this()] {
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
            if (topic_.empty()) gap_ = message;
        }
        const bool isDone = handle(*message);
        if (!topic_.empty()) continue;
        if (!isDone) return keepGap(gapPauses_.next());
        gapPauses_.reset();
        const std::lock_guard lock(mutex_);
        gap_.reset();
    }
    goOn();
}

bool BusLane::handle(const BusMessage& message) {
    std::string problem = "something that is no std::exception";
    try {
        handler_(message);
        return true;
    } catch (const std::exception& thrown) {
        problem = thrownText(thrown);
    } catch (...) {
    }
    parts_.logger.error(topic_.empty() ? "a handler of gaps failed, and is called again until it does not: " + problem
                                       : "a handler of \"" + topic_ + "\" failed: " + problem);
    return false;
}

/// By whoever drains, who is to go on later, unless the next generation has got it.
void BusLane::keepGap(std::chrono::milliseconds pause) {
    const std::lock_guard lock(mutex_);
    auto gap = std::exchange(gap_, nullptr);
    if (withdrawn_) return;
    if (waiting_.empty()) {
        bytes_ += costOf(*gap);
        waiting_.push_back(std::move(gap));
    }
    goOnAfter(pause);
}

}  // namespace playhouse::host
