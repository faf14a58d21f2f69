#pragma once

#include "platform/ChannelHub.h"

#include <playhouse/Channel.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace playhouse::host {

class ChannelState;

/// What someone, on any thread, wants done on the loop of a channel.
struct ChannelOrder {
    enum class Kind { Publish, Send, Subscribe, Unsubscribe, Close };
    Kind kind = Kind::Publish;
    std::shared_ptr<ChannelState> channel;              ///< null for Publish
    std::shared_ptr<const PublishedMessage> published;  ///< for Publish
    ChannelMessage::Kind messageKind = ChannelMessage::Kind::Text;
    std::string text;  ///< what to send, the qualified topic, or the reason to close
    std::uint16_t code = 0;
};

/// The orders of one loop, in the order in which they came. Safe from any thread.
class ChannelOrders final : public ChannelHub::Receiver {
public:
    /// `wake` is called, on any thread, when there is work after there was none. `congested` counts the loops that have
    /// more waiting than they should.
    ChannelOrders(std::function<void()> wake, std::atomic<int>& congested);

    void push(ChannelOrder order);
    void deliver(std::shared_ptr<const PublishedMessage> message) override;
    void waitForRoom() override;

    /// All that waits.
    std::vector<ChannelOrder> take();

    /// From now on orders are dropped, and nobody waits.
    void close();

private:
    void add(ChannelOrder order, std::size_t bytes);

    std::function<void()> wake_;
    std::atomic<int>& congested_;
    std::mutex mutex_;
    std::condition_variable room_;
    std::vector<ChannelOrder> orders_;
    std::size_t bytes_ = 0;
    bool isCongested_ = false;
    bool isClosed_ = false;
};

}  // namespace playhouse::host
