#include "ChannelHub.h"

#include <playhouse/Utf8.h>

#include <algorithm>
#include <stdexcept>

namespace playhouse::host {

void ChannelHub::attach(std::shared_ptr<Receiver> receiver) {
    const std::lock_guard lock(publishing_);
    receivers_.push_back(std::move(receiver));
}

void ChannelHub::detach(const Receiver& receiver) {
    const std::lock_guard lock(publishing_);
    std::erase_if(receivers_, [&](const auto& each) { return each.get() == &receiver; });
}

std::string ChannelHub::qualified(std::string_view pluginId, std::string_view topic) {
    std::string name;
    name.reserve(pluginId.size() + 1 + topic.size());
    return name.append(pluginId).append(1, '\n').append(topic);
}

void ChannelHub::publish(std::string_view pluginId, std::string_view topic, ChannelMessage::Kind kind,
                         std::string_view data) {
    if (kind == ChannelMessage::Kind::Text && !isUtf8(data))
        throw std::invalid_argument("a text published to the topic \"" + std::string(topic) + "\" is not UTF-8");
    auto message = std::make_shared<PublishedMessage>();
    message->topic = qualified(pluginId, topic);
    message->kind = kind;
    message->data = data;
    std::vector<std::shared_ptr<Receiver>> receivers;
    {
        const std::lock_guard lock(publishing_);
        for (const auto& receiver : receivers_) receiver->deliver(message);
        receivers = receivers_;
    }
    for (const auto& receiver : receivers) receiver->waitForRoom();
}

std::size_t ChannelHub::subscribers(std::string_view pluginId, std::string_view topic) const {
    const std::lock_guard lock(mutex_);
    const auto found = subscriptions_.find(qualified(pluginId, topic));
    return found == subscriptions_.end() ? 0 : found->second;
}

std::vector<Channel> ChannelHub::open(const std::string& pluginId) const {
    const std::lock_guard lock(mutex_);
    std::vector<Channel> channels;
    const auto found = open_.find(pluginId);
    if (found == open_.end()) return channels;
    channels.reserve(found->second.size());
    for (const auto& [key, weak] : found->second)
        if (auto link = weak.lock(); link && link->isOpen()) channels.emplace_back(std::move(link));
    return channels;
}

void ChannelHub::countSubscription(const std::string& topic, bool joined) {
    const std::lock_guard lock(mutex_);
    if (joined) {
        ++subscriptions_[topic];
        return;
    }
    const auto found = subscriptions_.find(topic);
    if (found != subscriptions_.end() && --found->second == 0) subscriptions_.erase(found);
}

void ChannelHub::add(const std::string& pluginId, const std::shared_ptr<Channel::Link>& channel) {
    const std::lock_guard lock(mutex_);
    open_[pluginId].emplace(channel.get(), channel);
}

void ChannelHub::remove(const std::string& pluginId, const Channel::Link& channel) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(pluginId);
    if (found == open_.end()) return;
    found->second.erase(&channel);
    if (found->second.empty()) open_.erase(found);
}

}  // namespace playhouse::host
