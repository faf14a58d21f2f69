#pragma once

#include "RedisReply.h"
#include "RedisSettings.h"

#include <Poco/BufferedStreamBuf.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Redis/RedisStream.h>

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace playhouse::host {

/// One connection to Redis: the protocol by Poco, with a deadline for everything.
///
/// Poco::Redis::Client itself is not used: it sends without a deadline, and takes an answer that was cut off for a
/// whole one. What goes wrong throws RedisAway, and the connection is of no use afterwards. One thread at a time, but
/// for shutDown().
class RedisConnection {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Connects, checks the certificate, says the password and chooses the database, all before `deadline`.
    RedisConnection(const RedisSettings& settings, const Poco::Net::SocketAddress& address, Time deadline);
    RedisConnection(const RedisConnection&) = delete;
    RedisConnection& operator=(const RedisConnection&) = delete;

    /// Sends all commands at once and waits for all answers, errors among them.
    std::vector<RedisReply> execute(std::span<const RedisCommand> commands, Time deadline);

    void send(std::span<const RedisCommand> commands, Time deadline);
    RedisReply receive(Time deadline);

    /// Waits until there is something to receive; false when nothing came before `deadline`.
    bool waitForMore(Time deadline);

    /// Whether nothing can have come of its own: neither an answer that nobody waits for, nor the end.
    bool isQuiet();

    /// Lets what waits in it, and whatever comes after, fail. Any thread.
    void shutDown() noexcept;

private:
    class Receiving final : public Poco::BufferedStreamBuf {
    public:
        explicit Receiving(Poco::Net::StreamSocket& socket);
        bool isEmpty() const { return gptr() == egptr(); }
        Time deadline;

    private:
        int readFromDevice(char* buffer, std::streamsize length) override;
        Poco::Net::StreamSocket& socket_;
    };

    void introduce(const RedisSettings& settings, Time deadline);
    void limit(Time deadline);
    bool hasPending();

    Poco::Net::StreamSocket socket_;
    Receiving receiving_{socket_};
    Poco::Redis::RedisInputStream input_{socket_};
};

}  // namespace playhouse::host
