#include "RedisConnection.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Timespan.h>

#include <sys/socket.h>

#include <ios>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::microseconds;

constexpr std::streamsize receiveBufferSize = 16 * 1024;

Poco::Timespan timeLeft(RedisConnection::Time deadline) {
    const auto rest = std::chrono::duration_cast<microseconds>(deadline - std::chrono::steady_clock::now());
    if (rest.count() <= 0) throw Poco::TimeoutException();
    return Poco::Timespan(rest.count());
}

/// Calls `function`; what Poco and the stream throw becomes RedisAway.
template <class Function>
auto orAway(const char* doing, Function function) -> decltype(function()) {
    try {
        return function();
    } catch (const Poco::TimeoutException&) {
        throw RedisAway(std::string("it did not answer in time while ") + doing);
    } catch (const Poco::Exception& problem) {
        throw RedisAway(std::string("while ") + doing + ": " + problem.displayText());
    } catch (const std::ios_base::failure& problem) {
        throw RedisAway(std::string("while ") + doing + ": " + problem.what());
    }
}

}  // namespace

RedisConnection::Receiving::Receiving(Poco::Net::StreamSocket& socket)
    : Poco::BufferedStreamBuf::BasicBufferedStreamBuf(receiveBufferSize, std::ios::in), socket_(socket) {}

int RedisConnection::Receiving::readFromDevice(char* buffer, std::streamsize length) {
    const auto left = timeLeft(deadline);
    if (socket_.secure()) socket_.setSendTimeout(left);
    socket_.setReceiveTimeout(left);
    const int received = socket_.receiveBytes(buffer, static_cast<int>(length));
    if (received <= 0) throw Poco::Net::ConnectionResetException("Redis has closed the connection");
    return received;
}

/// With TLS the longer one of both counts, for either way.
void RedisConnection::limit(Time deadline) {
    const auto left = timeLeft(deadline);
    socket_.setSendTimeout(left);
    socket_.setReceiveTimeout(left);
}

/// What has been received and not been read; of TLS a part may be decrypted already.
bool RedisConnection::hasPending() {
    return !receiving_.isEmpty() || (socket_.secure() && socket_.available() > 0);
}

RedisConnection::RedisConnection(const RedisSettings& settings, const Poco::Net::SocketAddress& address,
                                 Time deadline) {
    input_.std::ios::rdbuf(&receiving_);
    input_.exceptions(std::ios::badbit | std::ios::failbit | std::ios::eofbit);
    orAway("connecting", [&] {
        socket_.connect(address, timeLeft(deadline));
        socket_.setNoDelay(true);
        if (settings.tls.isNull()) return;
        limit(deadline);
        auto secure = Poco::Net::SecureStreamSocket::attach(socket_, settings.host, settings.tls);
        secure.completeHandshake();
        socket_ = secure;
    });
    introduce(settings, deadline);
}

void RedisConnection::introduce(const RedisSettings& settings, Time deadline) {
    const auto check = [&](const RedisCommand& command, const std::string& refused) {
        const auto replies = execute(std::span(&command, 1), deadline);
        if (replies.front().isError()) throw RedisAway(refused + ": " + replies.front().errorText());
    };
    if (!settings.password.empty())
        check(settings.user.empty() ? redisCommand({"AUTH", settings.password})
                                    : redisCommand({"AUTH", settings.user, settings.password}),
              "it refuses the password of redis.url");
    if (settings.database != 0)
        check(redisCommand({"SELECT", std::to_string(settings.database)}),
              "it refuses database " + std::to_string(settings.database) + " of redis.url");
}

std::vector<RedisReply> RedisConnection::execute(std::span<const RedisCommand> commands, Time deadline) {
    send(commands, deadline);
    std::vector<RedisReply> replies;
    replies.reserve(commands.size());
    while (replies.size() < commands.size()) replies.push_back(receive(deadline));
    return replies;
}

void RedisConnection::send(std::span<const RedisCommand> commands, Time deadline) {
    std::string bytes;
    for (const auto& command : commands) bytes += command.toString();
    orAway("sending", [&] {
        std::size_t sent = 0;
        while (sent < bytes.size()) {
            limit(deadline);
            const int more =
                socket_.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent), MSG_NOSIGNAL);
            if (more <= 0) throw Poco::TimeoutException();
            sent += static_cast<std::size_t>(more);
        }
    });
}

RedisReply RedisConnection::receive(Time deadline) {
    receiving_.deadline = deadline;
    return orAway("waiting for an answer", [&] {
        auto value = Poco::Redis::RedisType::createRedisType(static_cast<char>(input_.get()));
        if (value.isNull()) throw Poco::DataFormatException("what answers there does not speak as Redis does");
        value->read(input_);
        return RedisReply(std::move(value));
    });
}

bool RedisConnection::waitForMore(Time deadline) {
    if (hasPending()) return true;
    return orAway("waiting", [&] {
        try {
            return socket_.poll(timeLeft(deadline), Poco::Net::Socket::SELECT_READ);
        } catch (const Poco::TimeoutException&) {
            return false;
        }
    });
}

bool RedisConnection::isQuiet() {
    try {
        return !hasPending() && !socket_.poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ);
    } catch (const Poco::Exception&) {
        return false;
    }
}

void RedisConnection::shutDown() noexcept {
    ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
}

}  // namespace playhouse::host
