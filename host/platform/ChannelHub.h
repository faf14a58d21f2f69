#pragma once

#include <playhouse/Channel.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace playhouse::host {

/// One message on its way to the subscribers of a topic, shared by all of them.
struct PublishedMessage {
    std::string topic;  ///< as ChannelHub::qualified() makes it
    ChannelMessage::Kind kind = ChannelMessage::Kind::Text;
    std::string data;

    mutable std::once_flag compressing;  ///< for the edge: `compressed` is made at most once
    mutable std::string compressed;
};

/// The meeting point of plugins, which publish, and of the loops, which hold the channels. Safe from any thread.
class ChannelHub {
public:
    /// A loop that holds channels. Called on any thread.
    class Receiver {
    public:
        virtual ~Receiver() = default;

        /// Takes a message for the subscribers that it holds; never waits.
        virtual void deliver(std::shared_ptr<const PublishedMessage> message) = 0;

        /// Waits until what was delivered has gone on far enough to take more, except on the receiver's own thread or
        /// another receiver's.
        virtual void waitForRoom() = 0;
    };

    /// From now on `receiver` gets what is published, until detach(). Who publishes meanwhile may wait for room still.
    void attach(std::shared_ptr<Receiver> receiver);
    void detach(const Receiver& receiver);

    void publish(std::string_view pluginId, std::string_view topic, ChannelMessage::Kind kind, std::string_view data);
    std::size_t subscribers(std::string_view pluginId, std::string_view topic) const;
    std::vector<Channel> open(const std::string& pluginId) const;

    /// A topic's name among those of all plugins.
    static std::string qualified(std::string_view pluginId, std::string_view topic);

    /// For a channel: it has subscribed to, or left, a qualified topic.
    void countSubscription(const std::string& topic, bool joined);

    /// For a channel: it is open, or no longer.
    void add(const std::string& pluginId, const std::shared_ptr<Channel::Link>& channel);
    void remove(const std::string& pluginId, const Channel::Link& channel);

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::size_t> subscriptions_;
    std::unordered_map<std::string, std::unordered_map<const Channel::Link*, std::weak_ptr<Channel::Link>>> open_;

    /// Held while a message is handed to all receivers, so that all see one order.
    std::mutex publishing_;
    std::vector<std::shared_ptr<Receiver>> receivers_;
};

/// What one plugin sees of the hub, which must outlive it.
class PluginChannels final : public Channels {
public:
    PluginChannels(ChannelHub& hub, std::string pluginId) : hub_(hub), pluginId_(std::move(pluginId)) {}

    std::size_t subscribers(std::string_view topic) const override { return hub_.subscribers(pluginId_, topic); }
    std::vector<Channel> open() const override { return hub_.open(pluginId_); }

protected:
    void publishAs(std::string_view topic, ChannelMessage::Kind kind, std::string_view data) override {
        hub_.publish(pluginId_, topic, kind, data);
    }

private:
    ChannelHub& hub_;
    std::string pluginId_;
};

}  // namespace playhouse::host
