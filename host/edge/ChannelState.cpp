#include "ChannelState.h"

#include <playhouse/Utf8.h>

#include <algorithm>
#include <stdexcept>

namespace playhouse::host {
namespace {

constexpr std::size_t mostTopics = 256;
constexpr std::size_t longestTopic = 256;
constexpr std::size_t mostAttributeBytes = 16 * 1024;

}  // namespace

ChannelState::ChannelState(Identity identity, std::shared_ptr<ChannelOrders> orders, ChannelHub& hub)
    : identity_(std::move(identity)), orders_(std::move(orders)), hub_(hub) {}

void ChannelState::order(ChannelOrder::Kind kind, std::string text, std::uint16_t code,
                         ChannelMessage::Kind messageKind) {
    ChannelOrder order;
    order.kind = kind;
    order.channel = shared_from_this();
    order.messageKind = messageKind;
    order.text = std::move(text);
    order.code = code;
    orders_->push(std::move(order));
}

void ChannelState::send(ChannelMessage::Kind kind, std::string_view data) {
    if (kind == ChannelMessage::Kind::Text && !isUtf8(data))
        throw std::invalid_argument("a text sent to a channel is not UTF-8");
    if (isOpen()) order(ChannelOrder::Kind::Send, std::string(data), 0, kind);
}

void ChannelState::subscribe(std::string_view topic) {
    if (topic.size() > longestTopic)
        throw std::length_error("a topic's name has more than " + std::to_string(longestTopic) + " bytes");
    auto qualified = ChannelHub::qualified(identity_.pluginId, topic);
    const std::lock_guard lock(mutex_);
    if (!isOpen() || hasEnded_ || std::find(topics_.begin(), topics_.end(), topic) != topics_.end()) return;
    if (topics_.size() >= mostTopics)
        throw std::length_error("a channel can have " + std::to_string(mostTopics) + " topics");
    topics_.emplace_back(topic);
    hub_.countSubscription(qualified, true);
    order(ChannelOrder::Kind::Subscribe, std::move(qualified));
}

void ChannelState::unsubscribe(std::string_view topic) {
    auto qualified = ChannelHub::qualified(identity_.pluginId, topic);
    const std::lock_guard lock(mutex_);
    if (hasEnded_ || std::erase(topics_, topic) == 0) return;
    hub_.countSubscription(qualified, false);
    order(ChannelOrder::Kind::Unsubscribe, std::move(qualified));
}

std::vector<std::string> ChannelState::topics() const {
    const std::lock_guard lock(mutex_);
    return topics_;
}

void ChannelState::close(std::uint16_t code, std::string_view reason) {
    if (!isOpen()) return;
    order(ChannelOrder::Kind::Close, asUtf8(std::string(reason)), code);
    markClosing();
}

std::optional<std::string> ChannelState::attribute(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, value] : attributes_)
        if (known == name) return value;
    return std::nullopt;
}

void ChannelState::setAttribute(std::string_view name, std::string_view value) {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(attributes_.begin(), attributes_.end(), [&](const auto& each) { return each.first == name; });
    const auto freed = found == attributes_.end() ? 0 : found->first.size() + found->second.size();
    const auto bytes = attributeBytes_ - freed + name.size() + value.size();
    if (bytes > mostAttributeBytes)
        throw std::length_error("a channel's attributes can have " + std::to_string(mostAttributeBytes) +
                                " bytes in all");
    attributeBytes_ = bytes;
    if (found != attributes_.end())
        found->second = value;
    else
        attributes_.emplace_back(name, value);
}

void ChannelState::removeAttribute(std::string_view name) {
    const std::lock_guard lock(mutex_);
    std::erase_if(attributes_, [&](const auto& each) {
        if (each.first != name) return false;
        attributeBytes_ -= each.first.size() + each.second.size();
        return true;
    });
}

std::vector<ChannelOrder> ChannelState::attach(ChannelConnection& connection) {
    connection_ = &connection;
    hub_.add(identity_.pluginId, shared_from_this());
    const std::lock_guard lock(mutex_);
    return std::exchange(early_, {});
}

void ChannelState::detach() {
    connection_ = nullptr;
    hub_.remove(identity_.pluginId, *this);
    abandon();
}

void ChannelState::abandon() {
    markClosing();
    const std::lock_guard lock(mutex_);
    if (std::exchange(hasEnded_, true)) return;
    early_.clear();
    for (const auto& topic : topics_) hub_.countSubscription(ChannelHub::qualified(identity_.pluginId, topic), false);
}

void ChannelState::keep(ChannelOrder order) {
    // Its own reference would keep it for ever.
    order.channel.reset();
    const std::lock_guard lock(mutex_);
    if (!hasEnded_) early_.push_back(std::move(order));
}

}  // namespace playhouse::host
