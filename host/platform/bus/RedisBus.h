#pragma once

#include "BusHub.h"

#include "platform/redis/RedisClient.h"

#include <Poco/Thread.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace playhouse::host {

/// Carries the bus to other hosts by Redis's PUBLISH and PSUBSCRIBE.
///
/// One thread sends, in the order in which messages were published, as many at once as wait; another receives, on a
/// connection of its own. The channel of a topic is "playhouse:bus:<database>:<topic>", as channels are common to all
/// databases of a Redis; what goes through begins with the id of the host that sent it. A host that could not send
/// tells the others of the gap as soon as it can.
class RedisBus final : public BusRelay {
public:
    /// Connects; `hub` gets what arrives. Both outlive this, as does `figures`, which may be null.
    RedisBus(RedisClient& redis, BusHub& hub, prometheus::Registry* figures = nullptr);

    /// As stop().
    ~RedisBus() override;
    RedisBus(const RedisBus&) = delete;
    RedisBus& operator=(const RedisBus&) = delete;

    void send(const BusMessage& message, WhenAway whenAway) override;

    /// Waits until messages of other hosts arrive; false when they do not before `deadline`.
    bool waitUntilListening(std::chrono::steady_clock::time_point deadline);

    /// Whether messages of other hosts arrive at this moment.
    bool isListening();

    /// Sends no more, receives no more, and ends both threads.
    void stop();

private:
    struct Outgoing {
        std::string channel;
        std::string data;
        std::shared_ptr<std::promise<bool>> sent;  ///< null with WhenAway::Local
    };

    std::string channelOf(std::string_view topic) const;

    void keepSending();
    std::vector<Outgoing> nextBatch(std::unique_lock<std::mutex>& lock);
    void sendBatch(std::vector<Outgoing> batch);
    void countUnsent(std::size_t messages);

    void keepReceiving();
    void listen();
    bool setListening(bool listening);  ///< with the mutex held; what it was before
    void handle(const RedisReply& reply);

    RedisClient& redis_;
    BusHub& hub_;
    const std::string hostId_;
    const std::string prefix_;  ///< of channels
    prometheus::Counter* unsent_ = nullptr;
    prometheus::Gauge* listens_ = nullptr;

    std::mutex mutex_;
    std::condition_variable wakeSender_;
    std::condition_variable changed_;  ///< room for messages, `listening_`, `stopping_`
    std::deque<Outgoing> outgoing_;
    std::size_t bytes_ = 0;
    bool missed_ = false;  ///< the others have to be told of a gap
    bool listening_ = false;
    bool stopping_ = false;
    std::string refusal_;                    ///< of the last batch; the sender's alone
    RedisConnection* connection_ = nullptr;  ///< of the receiver, to be cut off by stop()
    Poco::Thread sender_{"bus-send"};
    Poco::Thread receiver_{"bus-receive"};
};

}  // namespace playhouse::host
