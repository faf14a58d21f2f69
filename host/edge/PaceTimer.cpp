#include "PaceTimer.h"

#include "HttpConnection.h"

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

constexpr auto tick = std::chrono::milliseconds(4);

PaceTimer::Time atNextTick(PaceTimer::Time time) {
    return PaceTimer::Time((time.time_since_epoch() + tick - PaceTimer::Time::duration(1)) / tick * tick);
}

}  // namespace

PaceTimer::PaceTimer(boost::asio::io_context& context) : timer_(context) {}

void PaceTimer::wake(std::weak_ptr<HttpConnection> connection, Time time) {
    waiting_.push_back({atNextTick(time), std::move(connection)});
    std::push_heap(waiting_.begin(), waiting_.end(), isLater);
    arm();
}

void PaceTimer::arm() {
    if (waiting_.empty() || waiting_.front().time >= armedFor_) return;
    armedFor_ = waiting_.front().time;
    timer_.expires_at(armedFor_);
    timer_.async_wait([this](const boost::system::error_code& error) {
        // One that was armed again for an earlier time has come to nothing.
        if (!error) fire();
    });
}

void PaceTimer::fire() {
    const auto now = std::chrono::steady_clock::now();
    while (!waiting_.empty() && waiting_.front().time <= now) {
        std::pop_heap(waiting_.begin(), waiting_.end(), isLater);
        due_.push_back(std::move(waiting_.back().connection));
        waiting_.pop_back();
    }
    for (const auto& waiting : due_)
        if (const auto connection = waiting.lock()) connection->goOnAtPace();
    due_.clear();
    armedFor_ = Time::max();
    arm();
}

void PaceTimer::stop() {
    timer_.cancel();
    waiting_.clear();
}

}  // namespace playhouse::host
