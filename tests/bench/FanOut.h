#pragma once

#include "ServerFigures.h"
#include "websockets/Connections.h"

#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct FanOutSettings {
    websocket::Target subscriber;
    websocket::Target publisher;  ///< a WebSocket whose messages every subscriber gets
    std::size_t subscribers = 1000;
    std::size_t sources = 8;        ///< loopback addresses that subscribers come from
    std::size_t messageSize = 200;  ///< bytes, at least FanOut::smallestMessage

    /// Messages published that not every subscriber has yet, at most. It bounds what the server queues for one of
    /// them, so that none is cut off, and is what there is to send in one write.
    std::size_t window = 64;
};

/// What was measured from one moment to another.
struct FanOutFigures {
    std::uint64_t deliveries = 0;
    std::chrono::duration<double> time{0};
    std::chrono::duration<double> serverProcessorTime{0};
    std::chrono::duration<double> ownProcessorTime{0};
    std::vector<std::uint32_t> latencies;  ///< microseconds from publishing to receiving, one for each delivery, sorted
};

/// One publisher and many subscribers of one topic. Every subscriber is to get every message, whole, once and in
/// order: each byte of each delivery is compared, and the first that differs ends the measurement.
class FanOut {
public:
    static constexpr std::size_t smallestMessage = 40;

    /// Opens all sockets. Throws std::runtime_error when the server refuses one.
    explicit FanOut(FanOutSettings settings);
    ~FanOut();

    struct Phase {
        std::chrono::duration<double> warmUp{1};
        std::chrono::duration<double> measured{4};
        double messagesPerSecond = 0;  ///< 0: as fast as the window allows, and no latencies
    };

    /// Publishes, measures, and waits until all is delivered. Throws std::runtime_error for a delivery that is wrong,
    /// late by 30 seconds, or a socket that ends.
    FanOutFigures run(const Phase& phase, const ServerFigures& server);

private:
    using Clock = std::chrono::steady_clock;

    struct Subscriber {
        websocket::Socket socket;
        std::string partial;     // of a frame
        std::uint64_t next = 0;  // the number of the message that is to come
    };

    /// A message under way, in slot number % window.
    struct Message {
        std::string frame;  // as each subscriber is to get it
        Clock::time_point published;
        std::size_t missing = 0;  // subscribers
    };

    void watch(int descriptor, std::uint64_t id, std::uint32_t events, bool isNew = true) const;
    bool mayPublish() const { return published_ - complete_ < settings_.window; }
    void publish();
    void flush();
    void receiveAll(std::chrono::nanoseconds patience);
    void receive(Subscriber& subscriber);
    void takeSlowly(Subscriber& subscriber, std::string_view& input);
    void readPublisher();
    void delivered(Subscriber& subscriber, Clock::time_point now);

    FanOutSettings settings_;
    websocket::Socket poll_;
    std::vector<Subscriber> subscribers_;
    websocket::Socket publisher_;
    std::string publisherInput_;
    std::string output_;  // of the publisher, not yet taken by the kernel
    bool outputBlocked_ = false;
    std::vector<Message> messages_;
    std::vector<epoll_event> events_;
    std::vector<char> buffer_;
    std::uint64_t published_ = 0;
    std::uint64_t complete_ = 0;  // messages that all have
    std::uint64_t deliveries_ = 0;
    Clock::time_point lastProgress_;
    std::vector<std::uint32_t>* latencies_ = nullptr;
};
