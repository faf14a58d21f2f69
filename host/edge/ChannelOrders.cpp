#include "ChannelOrders.h"

#include "platform/LoopThread.h"

#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostOrders = 4096;
constexpr std::size_t mostOrderBytes = 8 * 1024 * 1024;

}  // namespace

ChannelOrders::ChannelOrders(std::function<void()> wake, std::atomic<int>& congested)
    : wake_(std::move(wake)), congested_(congested) {}

void ChannelOrders::push(ChannelOrder order) {
    const auto bytes = order.text.size();
    add(std::move(order), bytes);
}

void ChannelOrders::deliver(std::shared_ptr<const PublishedMessage> message) {
    const auto bytes = message->data.size();
    ChannelOrder order;
    order.published = std::move(message);
    add(std::move(order), bytes);
}

void ChannelOrders::add(ChannelOrder order, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (isClosed_) return;
    orders_.push_back(std::move(order));
    bytes_ += bytes;
    if (!isCongested_ && (orders_.size() >= mostOrders || bytes_ >= mostOrderBytes)) {
        isCongested_ = true;
        congested_.fetch_add(1, std::memory_order_relaxed);
    }
    if (orders_.size() == 1) wake_();
}

void ChannelOrders::waitForRoom() {
    if (isLoopThread()) return;
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return !isCongested_; });
}

std::vector<ChannelOrder> ChannelOrders::take() {
    const std::lock_guard lock(mutex_);
    bytes_ = 0;
    if (std::exchange(isCongested_, false)) {
        congested_.fetch_sub(1, std::memory_order_relaxed);
        room_.notify_all();
    }
    return std::exchange(orders_, {});
}

void ChannelOrders::close() {
    static_cast<void>(take());
    const std::lock_guard lock(mutex_);
    isClosed_ = true;
}

}  // namespace playhouse::host
