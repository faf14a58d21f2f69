#include <playhouse/testing/FakeClient.h>

#include "FakeChannel.h"

#include <stdexcept>
#include <utility>

namespace playhouse::testing {
namespace {

void sendTo(detail::FakeChannel& channel, ChannelMessage message) {
    if (channel.protocol() == ChannelRoute::Protocol::EventStream)
        throw std::logic_error(channel.target() + " is an event stream, whose client sends nothing");
    channel.settle();
    channel.arrive(std::move(message));
    channel.settle();
}

}  // namespace

void FakeClient::send(std::string_view text) const {
    sendTo(*channel_, {ChannelMessage::Kind::Text, std::string(text)});
}

void FakeClient::sendBinary(std::span<const std::byte> bytes) const {
    sendTo(*channel_, {ChannelMessage::Kind::Binary, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}});
}

std::vector<ChannelMessage> FakeClient::takeMessages() const {
    channel_->settle();
    return channel_->takeMessages();
}

std::string FakeClient::takeText() const {
    channel_->settle();
    auto message = channel_->takeMessage();
    if (!message) throw std::logic_error("no message has arrived at the client of " + channel_->target());
    if (message->kind != ChannelMessage::Kind::Text)
        throw std::logic_error("the message that arrived at the client of " + channel_->target() + " is binary");
    return std::move(message->data);
}

std::size_t FakeClient::waiting() const {
    channel_->settle();
    return channel_->waiting();
}

void FakeClient::close(std::uint16_t code, std::string_view reason) const {
    channel_->close(code, reason);
    channel_->settle();
}

void FakeClient::disconnect() const {
    channel_->end({});
    channel_->settle();
}

bool FakeClient::isOpen() const {
    channel_->settle();
    return channel_->isOpen();
}

std::optional<ChannelClosure> FakeClient::closure() const {
    channel_->settle();
    return channel_->closure();
}

const std::string& FakeClient::subprotocol() const noexcept {
    return channel_->subprotocol();
}

Channel FakeClient::channel() const {
    return Channel(channel_);
}

}  // namespace playhouse::testing
