#pragma once

#include "../websockets/Connections.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// Open channels of the echo plugin that exchange numbered messages all the time, and see to it that each comes back
/// once and in its turn:
/// - echoes: each sends its numbers, some at a time, and gets each with the count that its channel carries;
/// - one topic: one publisher's numbers come to every subscriber, some of which are event streams.
class SocketLoad {
public:
    struct Counts {
        std::size_t echoes = 391;
        std::size_t subscribers = 100;
        std::size_t streams = 8;
    };

    /// Opens all of them, and the publisher.
    SocketLoad(std::uint16_t port, const Counts& counts);
    ~SocketLoad();

    void start();

    /// Waits until as many messages have come. False when nothing has come for a minute.
    bool waitForMessages(std::uint64_t count) const;

    /// Messages that have come so far; any thread.
    std::uint64_t received() const { return received_; }

    /// Sends no more, and waits until all that was sent has come. What follows is to be read after it.
    void finish();

    std::size_t open() const { return channels_.size(); }

    /// Echoes among the messages that have come.
    std::uint64_t echoed() const { return echoed_; }

    /// What went wrong with each channel that did: it was closed, or a message was lost, doubled or out of order.
    const std::vector<std::string>& failures() const { return failures_; }

private:
    enum class Kind { Echo, Publisher, Subscriber, Stream };
    struct Channel {
        Kind kind;
        websocket::Connection connection;
        std::string output;
        std::uint64_t sent = 0;
        std::uint64_t next = 0;  // the number that is to come
        bool failed = false;
    };

    void add(Kind kind, std::vector<websocket::Connection> connections);
    void run();
    void send(Channel& channel);
    void flush(Channel& channel);
    void receive(Channel& channel);
    void take(Channel& channel, std::string_view message);
    static bool takeEvent(std::string_view& input, std::string_view& message);
    bool isComplete(const Channel& channel) const;
    void fail(Channel& channel, const std::string& what);

    websocket::Socket poll_;
    std::vector<Channel> channels_;
    std::uint64_t published_ = 0;
    std::atomic<std::uint64_t> received_{0};
    std::uint64_t echoed_ = 0;
    std::vector<std::string> failures_;
    std::atomic<bool> stopping_{false};
    bool ended_ = false;  // under the mutex
    mutable std::mutex mutex_;
    mutable std::condition_variable progress_;
    std::thread thread_;
};
