#pragma once

#include "ChannelInbox.h"
#include "ChannelOutput.h"
#include "ChannelState.h"
#include "Connection.h"
#include "EventLoop.h"
#include "MessageRate.h"
#include "WebSocketFrames.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

struct ChannelTopic;

/// The connection of one channel: reads its client's frames, has the plugin's handler serve them one after the other,
/// and sends what is said and published to it (RFC 6455; HTML standard, section 9.2).
///
/// It keeps no lease while it is idle, so it holds up no swap: for each piece of work it looks up which generation
/// serves its path now, and takes that one's lease. While the generation is held, its client's messages wait. For the
/// loop's thread.
class ChannelConnection final : public Connection, public std::enable_shared_from_this<ChannelConnection> {
public:
    /// @param entry      the route whose handler has opened the channel
    /// @param isChunked  for an event stream: false towards HTTP/1.0
    ChannelConnection(std::shared_ptr<EventLoop> loop, std::unique_ptr<Transport> transport,
                      std::shared_ptr<ChannelState> state, const RouteEntry& entry, bool isChunked);
    ~ChannelConnection() override;

    /// Begins with sending `head`, and with `input` that the client has sent already.
    void start(std::string head, std::string input);

    std::chrono::steady_clock::time_point deadline() const noexcept override { return deadline_; }
    void onDeadline() override;
    void onRoutesChanged() override;
    void drain() override;
    void close() override;

    /// Does what an order says.
    void obey(const ChannelOrder& order);

    /// Queues messages, to be sent at the next flush().
    void enqueue(const SharedMessages& messages);
    void flush();

    /// Goes on with what had no room.
    void retry();

private:
    enum class Phase {
        Open,
        Closing,  ///< a Close frame is on its way, or the stream's end
        Ended,    ///< no connection any more; the handler is still to be told
        Gone,
    };
    struct Subscription {
        ChannelTopic* topic;
        std::size_t index;  ///< among the topic's subscribers
    };

    bool isStream() const noexcept { return state_->identity().protocol == ChannelRoute::Protocol::EventStream; }
    ChannelEncoding encoding() const noexcept;

    // Reading
    void waitForInput(boost::asio::ip::tcp::socket::wait_type direction = boost::asio::ip::tcp::socket::wait_read);
    void onReadable();
    void process(std::span<char> input);
    void take(WebSocketEvent event);
    void onClientClose(const WebSocketEvent& event);
    bool mayRead() const noexcept;
    void goOnReading();

    // Serving
    void serve();
    bool refreshRoute();
    void runOnWorker(Lease lease);
    void served(const std::string& problem);
    void park();
    void retryLater();
    const ChannelHandler& handler() const;

    // Sending
    void say(WebSocketOpcode opcode, std::string_view payload);
    void enqueueBytes(std::string bytes);
    void flushLater();
    void send();
    Transport::Status transmit();
    void sendComment();
    std::int64_t taken() const;
    void waitToSend(boost::asio::ip::tcp::socket::wait_type direction);
    bool isTooSlow(std::size_t more) const;

    // Ending
    void closeOnceServed(std::uint16_t code, std::string_view reason);
    void closeNow();
    void closeWith(std::uint16_t code, std::string_view reason);
    void end(std::uint16_t code, std::string reason);
    void disconnect();
    void leave();

    void subscribe(const std::string& topic);
    void unsubscribe(const std::string& topic);
    void unsubscribe(std::size_t index);
    void setDeadline(std::chrono::milliseconds patience);
    prometheus::Gauge& openGauge() const;

    std::shared_ptr<EventLoop> loop_;
    std::unique_ptr<Transport> transport_;
    std::shared_ptr<ChannelState> state_;

    std::shared_ptr<const EventLoop::Routes> routes_;  // the newest that it has looked at
    const RouteEntry* entry_ = nullptr;                // in them; null when nothing serves the path
    std::shared_ptr<LeaseGate> gate_;                  // of the generation that knows the channel

    WebSocketReader reader_;
    MessageRate rate_;
    ChannelInbox inbox_;
    std::string unread_;  // input beyond what the inbox takes
    ChannelOutput output_;
    std::uint64_t sent_ = 0;
    std::int64_t taken_ = 0;  // as it was at the last deadline
    std::vector<Subscription> subscriptions_;
    ChannelClosure closure_;  // why it ends, once it does
    std::chrono::steady_clock::time_point deadline_;
    WaitMemory readMemory_;
    Phase phase_ = Phase::Open;
    const bool isChunked_;
    bool waitsForInput_ = false;
    bool willReadOn_ = false;
    bool waitsToSend_ = false;
    bool willFlush_ = false;
    bool isBusy_ = false;    // a worker runs the handler
    bool isParked_ = false;  // until the generation is no longer held
    bool retries_ = false;
    bool awaitsPong_ = false;
    bool overflowed_ = false;  // its client is too slow
    bool closeIsHeard_ = false;
    bool closesOnceServed_ = false;  // with closure_
    bool isDeaf_ = false;            // its client broke the protocol: what it says is read and forgotten
};

}  // namespace playhouse::host
