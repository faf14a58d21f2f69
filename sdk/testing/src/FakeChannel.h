#pragma once

#include <playhouse/Channel.h>
#include <playhouse/Router.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::testing::detail {

/// Both ends of one channel. Safe from any thread; no lock is held while the plugin's handler runs.
class FakeChannel final : public Channel::Link, public std::enable_shared_from_this<FakeChannel> {
public:
    FakeChannel(std::string id, std::shared_ptr<const ChannelRoute> route, const Request& request,
                std::string subprotocol);

    const std::string& id() const noexcept override { return id_; }
    const std::string& clientAddress() const noexcept override { return clientAddress_; }
    const std::string& subprotocol() const noexcept override { return subprotocol_; }
    bool isOpen() const noexcept override;
    void send(ChannelMessage::Kind kind, std::string_view data) override;
    void subscribe(std::string_view topic) override;
    void unsubscribe(std::string_view topic) override;
    std::vector<std::string> topics() const override;
    void close(std::uint16_t code, std::string_view reason) override;
    std::optional<std::string> attribute(std::string_view name) const override;
    void setAttribute(std::string_view name, std::string_view value) override;
    void removeAttribute(std::string_view name) override;

    const std::string& target() const noexcept { return target_; }
    ChannelRoute::Protocol protocol() const;
    bool subscribesTo(std::string_view topic) const;

    /// Calls the handler's `opened`; what that throws comes out.
    void open(const Request& request);

    /// What the client sends, for the handler at the next settle().
    void arrive(ChannelMessage message);

    /// Ends it, for the handler at the next settle(); ignored when it has ended.
    void end(ChannelClosure closure);

    /// From now on `route` serves it, whose handler is told at the next settle().
    void resume(std::shared_ptr<const ChannelRoute> route);

    /// Calls the handler for what happened, unless a call of this channel is running, which then does. What the handler
    /// throws closes the channel with 1011, and the first such exception comes out.
    void settle();

    std::vector<ChannelMessage> takeMessages();
    std::optional<ChannelMessage> takeMessage();
    std::size_t waiting() const;
    std::optional<ChannelClosure> closure() const;

private:
    using Event = std::function<void(const ChannelHandler&, Channel&)>;

    const std::string id_;
    const std::string target_;
    const std::string clientAddress_;
    const std::string subprotocol_;

    mutable std::mutex mutex_;
    std::shared_ptr<const ChannelRoute> route_;
    std::deque<Event> due_;
    bool isBusy_ = false;
    std::deque<ChannelMessage> sent_;
    std::optional<ChannelClosure> closure_;
    std::set<std::string, std::less<>> topics_;
    std::map<std::string, std::string, std::less<>> attributes_;
};

}  // namespace playhouse::testing::detail
