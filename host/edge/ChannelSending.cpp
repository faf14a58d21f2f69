// What a channel's connection sends, and to which topics it belongs.

#include "ChannelConnection.h"
#include "LoopChannels.h"

#include <algorithm>
#include <utility>

namespace playhouse::host {

using boost::asio::ip::tcp;

ChannelEncoding ChannelConnection::encoding() const noexcept {
    const auto& identity = state_->identity();
    if (isStream()) return isChunked_ ? ChannelEncoding::Chunks : ChannelEncoding::Lines;
    return identity.isCompressed ? ChannelEncoding::CompressedFrames : ChannelEncoding::Frames;
}

void ChannelConnection::obey(const ChannelOrder& order) {
    if (phase_ != Phase::Open) return;
    switch (order.kind) {
        case ChannelOrder::Kind::Send:
            loop_->shared().figures.channelMessagesSent.Increment();
            return enqueue(loop_->channels().encoded(encoding(), order.messageKind, order.text));
        case ChannelOrder::Kind::Subscribe:
            return subscribe(order.text);
        case ChannelOrder::Kind::Unsubscribe:
            return unsubscribe(order.text);
        case ChannelOrder::Kind::Close:
            return closeWith(isCloseCode(order.code) ? order.code : websocket::normal, order.text);
        case ChannelOrder::Kind::Publish:
            return;
    }
}

void ChannelConnection::say(WebSocketOpcode opcode, std::string_view payload) {
    std::string frame;
    appendFrame(frame, opcode, payload);
    enqueueBytes(std::move(frame));
}

void ChannelConnection::enqueueBytes(std::string bytes) {
    enqueue(SharedMessages(new EncodedMessages(std::move(bytes), 0)));
}

bool ChannelConnection::isTooSlow(std::size_t more) const {
    return !output_.empty() && output_.bytes() + more > loop_->settings().channels.maximumQueueSize;
}

void ChannelConnection::enqueue(const SharedMessages& messages) {
    if (phase_ != Phase::Open || overflowed_) return;
    const auto size = messages->bytes.size();
    // Much may be published in one round: only what the network does not take makes a client a slow one.
    if (isTooSlow(size) && !waitsToSend_) static_cast<void>(transmit());
    if (isTooSlow(size)) {
        auto& figures = loop_->shared().figures;
        if (entry_ && entry_->channel->options.slowConsumer == SlowConsumer::Drop) {
            figures.channelMessagesDropped.Increment(messages->count);
            return;
        }
        figures.slowChannelsClosed.Increment();
        overflowed_ = true;
        return flushLater();
    }
    output_.add(messages);
    flushLater();
}

void ChannelConnection::flushLater() {
    if (std::exchange(willFlush_, true)) return;
    loop_->channels().sendLater(shared_from_this());
}

void ChannelConnection::flush() {
    willFlush_ = false;
    if (phase_ == Phase::Ended || phase_ == Phase::Gone) return;
    if (overflowed_ && phase_ == Phase::Open) {
        loop_->shared().figures.channelMessagesDropped.Increment(static_cast<double>(output_.dropWaiting()));
        closeWith(websocket::tryAgainLater, "The client takes its messages too slowly.");
    }
    if (!waitsToSend_) send();
}

Transport::Status ChannelConnection::transmit() {
    const auto before = sent_;
    const auto status = output_.send(*transport_, sent_);
    loop_->shared().figures.sentBytes.Increment(static_cast<double>(sent_ - before));
    return status;
}

void ChannelConnection::send() {
    switch (transmit()) {
        case Transport::Status::Done:
            break;
        case Transport::Status::WantsRead:
            return waitToSend(tcp::socket::wait_read);
        case Transport::Status::WantsWrite:
            return waitToSend(tcp::socket::wait_write);
        case Transport::Status::Ended:
        case Transport::Status::Failed:
            return end(websocket::abnormal, "The connection broke.");
    }
    if (phase_ != Phase::Closing) return;
    if (closeIsHeard_ || isStream()) return end(closure_.code, closure_.reason);
    // The client is to read our Close frame, which a reset would destroy: it ends the connection, or the deadline does.
    if (isDeaf_) transport_->endSending();
}

void ChannelConnection::waitToSend(tcp::socket::wait_type direction) {
    waitsToSend_ = true;
    transport_->socket().async_wait(direction, [self = shared_from_this()](const boost::system::error_code& error) {
        self->waitsToSend_ = false;
        if (!error) self->flush();
    });
}

void ChannelConnection::subscribe(const std::string& name) {
    auto& topic = loop_->channels().topic(name);
    auto& subscribers = topic.subscribers[static_cast<std::size_t>(encoding())];
    subscriptions_.push_back({&topic, subscribers.size()});
    subscribers.push_back(this);
}

void ChannelConnection::unsubscribe(const std::string& name) {
    const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                    [&](const auto& each) { return each.topic->name == name; });
    if (found != subscriptions_.end()) unsubscribe(static_cast<std::size_t>(found - subscriptions_.begin()));
}

void ChannelConnection::unsubscribe(std::size_t which) {
    const auto [topic, index] = subscriptions_[which];
    auto& subscribers = topic->subscribers[static_cast<std::size_t>(encoding())];
    // The last one takes its place.
    auto* moved = subscribers.back();
    subscribers[index] = moved;
    subscribers.pop_back();
    for (auto& subscription : moved->subscriptions_)
        if (subscription.topic == topic) subscription.index = index;
    subscriptions_.erase(subscriptions_.begin() + static_cast<std::ptrdiff_t>(which));
    loop_->channels().release(*topic);
}

}  // namespace playhouse::host
