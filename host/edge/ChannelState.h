#pragma once

#include "ChannelOrders.h"

#include <playhouse/Router.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace playhouse::host {

class ChannelConnection;

/// What a channel is beside its connection: who it is, and what plugins hang on it. Plugins hold it as Channel::Link,
/// for as long as they like; what they ask of it becomes orders for the loop of its connection.
class ChannelState final : public Channel::Link, public std::enable_shared_from_this<ChannelState> {
public:
    /// Who opened it, and what was agreed on; fixed for its life.
    struct Identity {
        std::string id;
        std::string clientAddress;
        std::string pluginId;
        std::string path;  ///< decoded, by which newer versions of the plugin are found
        std::string subprotocol;
        ChannelRoute::Protocol protocol = ChannelRoute::Protocol::WebSocket;
        bool isCompressed = false;
    };

    /// `hub` must outlive the orders' loop.
    ChannelState(Identity identity, std::shared_ptr<ChannelOrders> orders, ChannelHub& hub);

    const Identity& identity() const noexcept { return identity_; }

    // Channel::Link, from any thread:
    const std::string& id() const noexcept override { return identity_.id; }
    const std::string& clientAddress() const noexcept override { return identity_.clientAddress; }
    const std::string& subprotocol() const noexcept override { return identity_.subprotocol; }
    bool isOpen() const noexcept override { return isOpen_.load(std::memory_order_acquire); }
    void send(ChannelMessage::Kind kind, std::string_view data) override;
    void subscribe(std::string_view topic) override;
    void unsubscribe(std::string_view topic) override;
    std::vector<std::string> topics() const override;
    void close(std::uint16_t code, std::string_view reason) override;
    std::optional<std::string> attribute(std::string_view name) const override;
    void setAttribute(std::string_view name, std::string_view value) override;
    void removeAttribute(std::string_view name) override;

    /// It comes to no connection, as its client is refused; any thread.
    void abandon();

    // For the loop's thread:

    /// Its connection is there: orders that came before are returned, and those to come are the connection's.
    std::vector<ChannelOrder> attach(ChannelConnection& connection);

    /// Its connection has ended.
    void detach();

    /// One end has begun to close it.
    void markClosing() noexcept { isOpen_.store(false, std::memory_order_release); }

    ChannelConnection* connection() const noexcept { return connection_; }

    /// Keeps an order for when the connection is there; drops it when that has ended.
    void keep(ChannelOrder order);

private:
    /// What several threads order takes effect in the order in which they changed what is held here.
    void order(ChannelOrder::Kind kind, std::string text, std::uint16_t code = 0,
               ChannelMessage::Kind messageKind = ChannelMessage::Kind::Text);

    const Identity identity_;
    const std::shared_ptr<ChannelOrders> orders_;
    ChannelHub& hub_;
    std::atomic<bool> isOpen_{true};

    mutable std::mutex mutex_;
    bool hasEnded_ = false;
    std::vector<std::string> topics_;
    std::vector<std::pair<std::string, std::string>> attributes_;
    std::size_t attributeBytes_ = 0;
    std::vector<ChannelOrder> early_;  // that came before its connection

    ChannelConnection* connection_ = nullptr;  // of its loop's thread alone
};

}  // namespace playhouse::host
