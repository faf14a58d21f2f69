#pragma once

#include "Request.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse {

/// One message of a channel, complete and checked: text is valid UTF-8.
struct ChannelMessage {
    enum class Kind { Text, Binary };
    Kind kind = Kind::Text;
    std::string data;
};

/// Why a channel ended: a status code of RFC 6455 section 7.4.1 (1006 when the connection broke), and a reason.
struct ChannelClosure {
    std::uint16_t code = 1006;
    std::string reason;
};

/// One open WebSocket or event stream. The host owns its socket, its queue, its topics and its attributes, and keeps
/// all of them while the plugin behind it is swapped.
///
/// A handle: copies mean the same channel, and one that outlives its connection does nothing any more. Safe from any
/// thread. What one thread sends, publishes and subscribes takes effect in that order.
class Channel {
public:
    /// The host's end: what the functions of Channel call.
    class Link {
    public:
        virtual ~Link();
        virtual const std::string& id() const noexcept = 0;
        virtual const std::string& clientAddress() const noexcept = 0;
        virtual const std::string& subprotocol() const noexcept = 0;
        virtual bool isOpen() const noexcept = 0;
        virtual void send(ChannelMessage::Kind kind, std::string_view data) = 0;
        virtual void subscribe(std::string_view topic) = 0;
        virtual void unsubscribe(std::string_view topic) = 0;
        virtual std::vector<std::string> topics() const = 0;
        virtual void close(std::uint16_t code, std::string_view reason) = 0;
        virtual std::optional<std::string> attribute(std::string_view name) const = 0;
        virtual void setAttribute(std::string_view name, std::string_view value) = 0;
        virtual void removeAttribute(std::string_view name) = 0;
    };

    explicit Channel(std::shared_ptr<Link> link) noexcept : link_(std::move(link)) {}

    /// Unique in this server's life.
    const std::string& id() const noexcept { return link_->id(); }

    /// Address without port.
    const std::string& clientAddress() const noexcept { return link_->clientAddress(); }

    /// The subprotocol that was agreed on (RFC 6455 section 1.9); empty for none.
    const std::string& subprotocol() const noexcept { return link_->subprotocol(); }

    /// False from the moment at which either end closes it.
    bool isOpen() const noexcept { return link_->isOpen(); }

    /// Queues a message for this client; an event stream gets it as an event. Never waits: a client that takes too
    /// little is dealt with as its route's SlowConsumer says.
    void send(std::string_view text) { link_->send(ChannelMessage::Kind::Text, text); }
    void sendBinary(std::span<const std::byte> bytes) {
        link_->send(ChannelMessage::Kind::Binary, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }

    /// From now on this client gets what the plugin publishes to `topic`. Twice is as once. Throws std::length_error
    /// beyond 256 topics a channel, or for a name of more than 256 bytes.
    void subscribe(std::string_view topic) { link_->subscribe(topic); }
    void unsubscribe(std::string_view topic) { link_->unsubscribe(topic); }
    std::vector<std::string> topics() const { return link_->topics(); }

    /// Closes it after what is queued is sent. `reason`: at most 123 bytes of UTF-8, cut off beyond.
    void close(std::uint16_t code = 1000, std::string_view reason = {}) { link_->close(code, reason); }

    /// Texts that stay with the channel, across swaps too: who is here, what was agreed on. At most 16 KiB of names and
    /// values in all: setAttribute() throws std::length_error beyond.
    std::optional<std::string> attribute(std::string_view name) const { return link_->attribute(name); }
    void setAttribute(std::string_view name, std::string_view value) { link_->setAttribute(name, value); }
    void removeAttribute(std::string_view name) { link_->removeAttribute(name); }

private:
    std::shared_ptr<Link> link_;
};

/// What a plugin does with the channels of one route. Calls for one channel come one after the other, in the order of
/// what happened; calls for several channels come at once.
///
/// An exception of `opened` refuses the client with its answer (ApiError) or with 500; one of any other is logged and
/// closes the channel with 1011.
struct ChannelHandler {
    /// A client asks for a channel: look at the request (who, where, what for), set attributes, subscribe. Throw
    /// ApiError to refuse. What is sent here arrives first.
    std::function<void(const Request&, Channel&)> opened{};

    /// The client sent a message. Never called for an event stream.
    std::function<void(Channel&, const ChannelMessage&)> message{};

    /// The channel has ended; what is sent now goes nowhere. Not called when the plugin is switched off.
    std::function<void(Channel&, const ChannelClosure&)> closed{};

    /// This generation takes over a channel that an earlier one opened; called before anything else of that channel.
    std::function<void(Channel&)> resumed{};
};

/// What happens to a client that takes its messages slower than they come, once `channels.maximum-queue-size` bytes
/// wait for it.
enum class SlowConsumer {
    Close,  ///< it is closed with 1013, so that it knows to come again
    Drop,   ///< further messages are dropped until it has caught up, and counted
};

/// Channels beyond those that a plugin has at hand.
class Channels {
public:
    virtual ~Channels();

    /// Sends a message to every channel of this plugin that is subscribed to `topic`, encoded once for all. Each gets
    /// the messages of a topic in one and the same order. Waits when the network side cannot keep up, except on a
    /// connection's own loop. Safe from any thread.
    void publish(std::string_view topic, std::string_view text) { publishAs(topic, ChannelMessage::Kind::Text, text); }
    void publishBinary(std::string_view topic, std::span<const std::byte> bytes) {
        publishAs(topic, ChannelMessage::Kind::Binary, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }

    /// Channels subscribed to `topic` at this moment.
    virtual std::size_t subscribers(std::string_view topic) const = 0;

    /// Every open channel of this plugin's routes at this moment.
    virtual std::vector<Channel> open() const = 0;

protected:
    virtual void publishAs(std::string_view topic, ChannelMessage::Kind kind, std::string_view data) = 0;
};

}  // namespace playhouse
