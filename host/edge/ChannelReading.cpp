// What a channel's connection reads from its client.

#include "ChannelConnection.h"
#include "LoopChannels.h"

#include <playhouse/Utf8.h>

#include <boost/asio/bind_allocator.hpp>

#include <utility>

namespace playhouse::host {

using boost::asio::ip::tcp;

void ChannelConnection::waitForInput(tcp::socket::wait_type direction) {
    if (waitsForInput_ || phase_ == Phase::Ended || phase_ == Phase::Gone) return;
    waitsForInput_ = true;
    auto onInput = [self = shared_from_this()](const boost::system::error_code& error) {
        self->waitsForInput_ = false;
        if (!error) self->onReadable();
    };
    transport_->socket().async_wait(direction,
                                    boost::asio::bind_allocator(readMemory_.allocator(), std::move(onInput)));
}

void ChannelConnection::onReadable() {
    if (phase_ == Phase::Ended || phase_ == Phase::Gone || closesOnceServed_) return;
    // What came before is to be taken first.
    if (!unread_.empty()) return goOnReading();
    const auto [status, bytes] = loop_->receive(*transport_);
    if (status == Transport::Status::WantsRead) return waitForInput();
    if (status == Transport::Status::WantsWrite) return waitForInput(tcp::socket::wait_write);
    if (status != Transport::Status::Done) return end(closure_.code, closure_.reason);
    if (!isStream() && !isDeaf_) process(loop_->readBuffer().first(bytes));
    goOnReading();
}

bool ChannelConnection::mayRead() const noexcept {
    return phase_ == Phase::Closing || (!inbox_.isFull() && !loop_->channels().isCongested());
}

void ChannelConnection::process(std::span<char> input) {
    awaitsPong_ = false;
    if (phase_ == Phase::Open) setDeadline(loop_->settings().channels.pingInterval);
    try {
        while (!isDeaf_ && !closesOnceServed_ && (phase_ == Phase::Open || phase_ == Phase::Closing) && mayRead()) {
            auto event = reader_.next(input);
            if (!event) break;
            take(*std::move(event));
        }
    } catch (const WebSocketFault& fault) {
        closeOnceServed(fault.code, fault.what());
        isDeaf_ = true;
    }
    if (!isDeaf_ && !closesOnceServed_) unread_.assign(input.data(), input.size());
    serve();
}

void ChannelConnection::take(WebSocketEvent event) {
    switch (event.kind) {
        case WebSocketOpcode::Ping:
            return say(WebSocketOpcode::Pong, event.data);
        case WebSocketOpcode::Close:
            return onClientClose(event);
        case WebSocketOpcode::Text:
        case WebSocketOpcode::Binary:
            break;
        default:
            return;
    }
    if (phase_ != Phase::Open) return;
    loop_->shared().figures.channelMessagesReceived.Increment();
    if (!rate_.take(std::chrono::steady_clock::now()))
        throw WebSocketFault(websocket::policyViolation, "messages come faster than this service takes them");
    const bool isText = event.kind == WebSocketOpcode::Text;
    if (event.compressed) {
        event.data = loop_->channels().compression().inflate(event.data, reader_.maximumMessageSize());
        if (isText && !isUtf8(event.data))
            throw WebSocketFault(websocket::invalidPayload, "a text message is not UTF-8");
    }
    inbox_.add(
        ChannelMessage{isText ? ChannelMessage::Kind::Text : ChannelMessage::Kind::Binary, std::move(event.data)});
}

void ChannelConnection::onClientClose(const WebSocketEvent& event) {
    closeIsHeard_ = true;
    closeOnceServed(event.code, event.data);
    flushLater();
}

/// Lets the client's bytes come on, when there is room for what they say.
void ChannelConnection::goOnReading() {
    if ((phase_ != Phase::Open && phase_ != Phase::Closing) || closesOnceServed_) return;
    if (!mayRead()) {
        // A full inbox is emptied by the handler; of a loop that is behind nothing tells.
        if (!isBusy_ && !isParked_) retryLater();
        return;
    }
    if (unread_.empty() && !transport_->hasBuffered()) return waitForInput();
    if (std::exchange(willReadOn_, true)) return;
    loop_->post([self = shared_from_this()] {
        self->willReadOn_ = false;
        if (self->unread_.empty()) return self->onReadable();
        auto input = std::exchange(self->unread_, {});
        self->process(input);
        self->goOnReading();
    });
}

}  // namespace playhouse::host
