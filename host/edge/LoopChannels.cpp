#include "LoopChannels.h"

#include "ChannelConnection.h"
#include "EventLoop.h"
#include "WebSocketFrames.h"

#include <boost/asio/post.hpp>

#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostRunBytes = 64 * 1024;
constexpr auto retryInterval = std::chrono::milliseconds(1);

WebSocketOpcode opcodeOf(ChannelMessage::Kind kind) {
    return kind == ChannelMessage::Kind::Text ? WebSocketOpcode::Text : WebSocketOpcode::Binary;
}

/// A message in clear; one for a chunked stream is to be put into a chunk yet.
void appendMessage(std::string& out, ChannelEncoding encoding, ChannelMessage::Kind kind, std::string_view data) {
    if (encoding == ChannelEncoding::Frames || encoding == ChannelEncoding::CompressedFrames)
        appendFrame(out, opcodeOf(kind), data);
    else
        appendEvent(out, kind == ChannelMessage::Kind::Text, data);
}

std::string asChunk(std::string_view content) {
    std::string chunk;
    appendChunk(chunk, content);
    return chunk;
}

}  // namespace

LoopChannels::LoopChannels(EventLoop& loop)
    : loop_(loop),
      orders_(std::make_shared<ChannelOrders>(
          [&loop] { boost::asio::post(loop.context(), [&loop] { loop.channels().work(); }); },
          loop.shared().congestedLoops)),
      retryTimer_(loop.context()) {
    loop.shared().hub.attach(orders_);
}

LoopChannels::~LoopChannels() {
    stop();
}

void LoopChannels::stop() {
    loop_.shared().hub.detach(*orders_);
    orders_->close();
    retryTimer_.cancel();
    unsent_.clear();
    retrying_.clear();
}

bool LoopChannels::isCongested() const noexcept {
    return loop_.shared().congestedLoops.load(std::memory_order_relaxed) > 0;
}

void LoopChannels::work() {
    auto orders = orders_->take();
    isWorking_ = true;
    for (auto& order : orders) apply(order);
    deliverRun();
    isWorking_ = false;
    flush();
}

void LoopChannels::apply(ChannelOrder& order) {
    if (order.kind == ChannelOrder::Kind::Publish) {
        const auto bytes = order.published->data.size();
        if (!run_.empty() && (run_.back()->topic != order.published->topic || runBytes_ + bytes > mostRunBytes))
            deliverRun();
        run_.push_back(std::move(order.published));
        runBytes_ += bytes;
        return;
    }
    deliverRun();
    const auto channel = order.channel;
    if (auto* connection = channel->connection())
        connection->obey(order);
    else
        channel->keep(std::move(order));
}

void LoopChannels::deliverRun() {
    if (run_.empty()) return;
    if (const auto found = topics_.find(run_.front()->topic); found != topics_.end()) {
        for (std::size_t index = 0; index < channelEncodings; ++index) {
            const auto& subscribers = found->second->subscribers[index];
            if (subscribers.empty()) continue;
            const auto messages = encodeRun(static_cast<ChannelEncoding>(index));
            for (auto* subscriber : subscribers) subscriber->enqueue(messages);
            loop_.shared().figures.channelMessagesSent.Increment(
                static_cast<double>(subscribers.size() * messages->count));
        }
    }
    run_.clear();
    runBytes_ = 0;
}

bool LoopChannels::isWorthCompressing(std::string_view data) const {
    return data.size() >= loop_.settings().channels.compressionMinimumSize;
}

SharedMessages LoopChannels::encodeRun(ChannelEncoding encoding) {
    std::string bytes;
    bytes.reserve(runBytes_ + 16 * run_.size());
    for (const auto& message : run_) {
        if (encoding != ChannelEncoding::CompressedFrames || !isWorthCompressing(message->data)) {
            appendMessage(bytes, encoding, message->kind, message->data);
            continue;
        }
        std::call_once(message->compressing, [&] { message->compressed = compression_.deflate(message->data); });
        appendFrame(bytes, opcodeOf(message->kind), message->compressed, true);
    }
    if (encoding == ChannelEncoding::Chunks) bytes = asChunk(bytes);
    return SharedMessages(new EncodedMessages(std::move(bytes), static_cast<std::uint32_t>(run_.size())));
}

SharedMessages LoopChannels::encoded(ChannelEncoding encoding, ChannelMessage::Kind kind, std::string_view data) {
    std::string bytes;
    if (encoding == ChannelEncoding::CompressedFrames && isWorthCompressing(data))
        appendFrame(bytes, opcodeOf(kind), compression_.deflate(data), true);
    else
        appendMessage(bytes, encoding, kind, data);
    if (encoding == ChannelEncoding::Chunks) bytes = asChunk(bytes);
    return SharedMessages(new EncodedMessages(std::move(bytes), 1));
}

ChannelTopic& LoopChannels::topic(const std::string& name) {
    auto& topic = topics_[name];
    if (!topic) topic = std::make_unique<ChannelTopic>(ChannelTopic{name, {}});
    return *topic;
}

void LoopChannels::release(ChannelTopic& topic) {
    for (const auto& subscribers : topic.subscribers)
        if (!subscribers.empty()) return;
    topics_.erase(std::string(topic.name));
}

void LoopChannels::sendLater(std::shared_ptr<ChannelConnection> channel) {
    unsent_.push_back(std::move(channel));
    if (unsent_.size() == 1 && !isWorking_) boost::asio::post(loop_.context(), [this] { flush(); });
}

void LoopChannels::flush() {
    const auto unsent = std::exchange(unsent_, {});
    for (const auto& channel : unsent) channel->flush();
}

void LoopChannels::retryLater(std::shared_ptr<ChannelConnection> channel) {
    retrying_.push_back(std::move(channel));
    armRetry();
}

void LoopChannels::armRetry() {
    if (std::exchange(retryIsArmed_, true)) return;
    retryTimer_.expires_after(retryInterval);
    retryTimer_.async_wait([this](const boost::system::error_code& error) {
        retryIsArmed_ = false;
        if (error) return;
        const auto retrying = std::exchange(retrying_, {});
        for (const auto& channel : retrying) channel->retry();
    });
}

}  // namespace playhouse::host
