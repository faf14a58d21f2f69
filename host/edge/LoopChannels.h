#pragma once

#include "ChannelOrders.h"
#include "ChannelOutput.h"
#include "WebSocketCompression.h"

#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace playhouse::host {

class ChannelConnection;
class EventLoop;

/// A topic as one loop knows it: who gets its messages, by how they are encoded.
struct ChannelTopic {
    std::string name;  ///< qualified
    std::array<std::vector<ChannelConnection*>, channelEncodings> subscribers;
};

/// The channels of one loop: their topics, and the work that waits for them. For the loop's thread, but for orders().
///
/// Messages that were published while the loop was busy are taken together: each subscriber gets them as one piece, and
/// writes it once.
class LoopChannels {
public:
    explicit LoopChannels(EventLoop& loop);
    ~LoopChannels();

    const std::shared_ptr<ChannelOrders>& orders() const noexcept { return orders_; }
    WebSocketCompression& compression() noexcept { return compression_; }

    /// Does what the orders say.
    void work();

    /// One message for one channel.
    SharedMessages encoded(ChannelEncoding encoding, ChannelMessage::Kind kind, std::string_view data);

    ChannelTopic& topic(const std::string& name);

    /// Forgets it when nobody is left.
    void release(ChannelTopic& topic);

    /// `channel` has something to send; it will be asked to flush() when this round is over.
    void sendLater(std::shared_ptr<ChannelConnection> channel);

    /// `channel` wants to go on in a moment, when workers or networks have more room.
    void retryLater(std::shared_ptr<ChannelConnection> channel);

    /// Whether some loop has more to deliver than it should, so that channels read no further messages.
    bool isCongested() const noexcept;

    void stop();

private:
    void apply(ChannelOrder& order);
    void deliverRun();
    SharedMessages encodeRun(ChannelEncoding encoding);
    bool isWorthCompressing(std::string_view data) const;
    void flush();
    void armRetry();

    EventLoop& loop_;
    std::shared_ptr<ChannelOrders> orders_;
    WebSocketCompression compression_;
    std::unordered_map<std::string, std::unique_ptr<ChannelTopic>> topics_;
    std::vector<std::shared_ptr<const PublishedMessage>> run_;  ///< of one topic, to be delivered together
    std::size_t runBytes_ = 0;
    std::vector<std::shared_ptr<ChannelConnection>> unsent_;
    std::vector<std::shared_ptr<ChannelConnection>> retrying_;
    boost::asio::steady_timer retryTimer_;
    bool retryIsArmed_ = false;
    bool isWorking_ = false;
};

}  // namespace playhouse::host
