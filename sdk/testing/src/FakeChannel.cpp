#include "FakeChannel.h"

#include <playhouse/Utf8.h>

#include <exception>
#include <stdexcept>
#include <utility>

namespace playhouse::testing::detail {
namespace {

// The bounds of playhouse/Channel.h.
constexpr std::size_t maximumTopics = 256;
constexpr std::size_t maximumTopicSize = 256;
constexpr std::size_t maximumAttributesSize = 16 * 1024;
constexpr std::size_t maximumReasonSize = 123;

/// `reason` cut off where a character of UTF-8 begins.
std::string cutReason(std::string_view reason) {
    if (reason.size() <= maximumReasonSize) return std::string(reason);
    auto size = maximumReasonSize;
    while (size > 0 && (static_cast<unsigned char>(reason[size]) & 0xC0U) == 0x80U) --size;
    return std::string(reason.substr(0, size));
}

}  // namespace

FakeChannel::FakeChannel(std::string id, std::shared_ptr<const ChannelRoute> route, const Request& request,
                         std::string subprotocol)
    : id_(std::move(id)),
      target_(request.target()),
      clientAddress_(request.clientAddress()),
      subprotocol_(std::move(subprotocol)),
      route_(std::move(route)) {}

bool FakeChannel::isOpen() const noexcept {
    const std::scoped_lock lock(mutex_);
    return !closure_;
}

void FakeChannel::send(ChannelMessage::Kind kind, std::string_view data) {
    if (kind == ChannelMessage::Kind::Text && !isUtf8(data))
        throw std::invalid_argument("a text sent to a channel is not UTF-8");
    const std::scoped_lock lock(mutex_);
    if (!closure_) sent_.push_back({kind, std::string(data)});
}

void FakeChannel::subscribe(std::string_view topic) {
    if (topic.size() > maximumTopicSize)
        throw std::length_error("the name of a topic has at most " + std::to_string(maximumTopicSize) + " bytes");
    const std::scoped_lock lock(mutex_);
    if (closure_ || topics_.contains(topic)) return;
    if (topics_.size() == maximumTopics)
        throw std::length_error("a channel has at most " + std::to_string(maximumTopics) + " topics");
    topics_.emplace(topic);
}

void FakeChannel::unsubscribe(std::string_view topic) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = topics_.find(topic); found != topics_.end()) topics_.erase(found);
}

std::vector<std::string> FakeChannel::topics() const {
    const std::scoped_lock lock(mutex_);
    return {topics_.begin(), topics_.end()};
}

void FakeChannel::close(std::uint16_t code, std::string_view reason) {
    end({code, cutReason(reason)});
}

std::optional<std::string> FakeChannel::attribute(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = attributes_.find(name);
    if (found == attributes_.end()) return std::nullopt;
    return found->second;
}

void FakeChannel::setAttribute(std::string_view name, std::string_view value) {
    const std::scoped_lock lock(mutex_);
    auto size = name.size() + value.size();
    for (const auto& [other, text] : attributes_)
        if (other != name) size += other.size() + text.size();
    if (size > maximumAttributesSize)
        throw std::length_error("a channel has at most " + std::to_string(maximumAttributesSize) +
                                " bytes of attributes");
    attributes_.insert_or_assign(std::string(name), std::string(value));
}

void FakeChannel::removeAttribute(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = attributes_.find(name); found != attributes_.end()) attributes_.erase(found);
}

ChannelRoute::Protocol FakeChannel::protocol() const {
    const std::scoped_lock lock(mutex_);
    return route_->protocol;
}

bool FakeChannel::subscribesTo(std::string_view topic) const {
    const std::scoped_lock lock(mutex_);
    return !closure_ && topics_.contains(topic);
}

void FakeChannel::open(const Request& request) {
    Channel channel(shared_from_this());
    if (route_->handler.opened) route_->handler.opened(request, channel);
}

void FakeChannel::arrive(ChannelMessage message) {
    const std::scoped_lock lock(mutex_);
    if (closure_) throw std::logic_error("the channel of " + target_ + " has ended");
    due_.emplace_back([message = std::move(message)](const ChannelHandler& handler, Channel& channel) {
        if (handler.message) handler.message(channel, message);
    });
}

void FakeChannel::end(ChannelClosure closure) {
    const std::scoped_lock lock(mutex_);
    if (closure_) return;
    closure_ = closure;
    due_.emplace_back([closure = std::move(closure)](const ChannelHandler& handler, Channel& channel) {
        if (handler.closed) handler.closed(channel, closure);
    });
}

void FakeChannel::resume(std::shared_ptr<const ChannelRoute> route) {
    const std::scoped_lock lock(mutex_);
    route_ = std::move(route);
    due_.emplace_back([](const ChannelHandler& handler, Channel& channel) {
        if (handler.resumed) handler.resumed(channel);
    });
}

void FakeChannel::settle() {
    std::unique_lock lock(mutex_);
    if (std::exchange(isBusy_, true)) return;
    std::exception_ptr problem;
    while (!due_.empty()) {
        const auto event = std::move(due_.front());
        due_.pop_front();
        const auto route = route_;
        lock.unlock();
        try {
            Channel channel(shared_from_this());
            event(route->handler, channel);
        } catch (...) {
            if (!problem) problem = std::current_exception();
            end({1011, "Something failed inside the server."});
        }
        lock.lock();
    }
    isBusy_ = false;
    lock.unlock();
    if (problem) std::rethrow_exception(problem);
}

std::vector<ChannelMessage> FakeChannel::takeMessages() {
    const std::scoped_lock lock(mutex_);
    const auto messages = std::exchange(sent_, {});
    return {messages.begin(), messages.end()};
}

std::optional<ChannelMessage> FakeChannel::takeMessage() {
    const std::scoped_lock lock(mutex_);
    if (sent_.empty()) return std::nullopt;
    auto message = std::move(sent_.front());
    sent_.pop_front();
    return message;
}

std::size_t FakeChannel::waiting() const {
    const std::scoped_lock lock(mutex_);
    return sent_.size();
}

std::optional<ChannelClosure> FakeChannel::closure() const {
    const std::scoped_lock lock(mutex_);
    return closure_;
}

}  // namespace playhouse::testing::detail
