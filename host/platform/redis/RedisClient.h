#pragma once

#include "RedisConnection.h"
#include "RedisSettings.h"

#include <Poco/Thread.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace prometheus {
class Registry;
}

namespace playhouse::host {

class RedisFigures;

/// What the host asks of Redis: a pool of connections, and the knowledge whether Redis is there.
///
/// Each call ends within `redis.patience`. After one that failed Redis counts as away: calls fail at once, and one
/// thread tries to reach it until it answers again. Both are logged, once.
///
/// Safe from any thread but a connection's loop: there calls throw std::logic_error.
class RedisClient {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Begins to connect. @param figures  null: none; outlives this
    explicit RedisClient(RedisSettings settings, prometheus::Registry* figures = nullptr);

    /// As stop().
    ~RedisClient();
    RedisClient(const RedisClient&) = delete;
    RedisClient& operator=(const RedisClient&) = delete;

    /// The answer to one command. Throws RedisAway, and RedisError when the answer is an error.
    RedisReply execute(const RedisCommand& command);

    /// The answers to all commands, in one round trip, errors among them. Others' commands may come in between.
    /// Throws RedisAway.
    std::vector<RedisReply> pipeline(std::span<const RedisCommand> commands);

    /// A connection beside the pool, for one who waits in it. Throws RedisAway.
    std::unique_ptr<RedisConnection> connect();

    const RedisSettings& settings() const noexcept { return settings_; }
    bool isUp() const;

    /// Changes whenever Redis goes away and whenever it is back: what was kept aside is no longer of use then.
    std::uint64_t changes() const;

    /// Waits until Redis is there; false when it is not before `deadline`, or after stop().
    bool waitUntilUp(Time deadline);

    /// Waits until the first attempt to connect has ended, either way, or `deadline` has come.
    void waitForFirstAttempt(Time deadline);

    /// Looks soon whether Redis is still there: someone has lost a connection.
    void doubt();

    /// Lets all calls fail, and ends the thread.
    void stop();

private:
    enum class State { Unknown, Up, Away, Stopped };
    struct Use;

    std::unique_ptr<Use> acquire(Time deadline);
    void giveBack(std::unique_ptr<Use> use) noexcept;
    void drop(std::unique_ptr<Use> use) noexcept;
    void lost(std::uint64_t change, const std::string& reason);
    void keepReaching();
    std::optional<std::string> attempt();
    void setState(State state, const std::string& reason);
    void showConnections();
    std::string name() const;

    const RedisSettings settings_;
    const std::unique_ptr<RedisFigures> figures_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;  ///< the state, or a connection has come back
    std::condition_variable wakeProber_;
    State state_ = State::Unknown;
    std::string reason_;  ///< why it is away
    std::uint64_t changes_ = 0;
    Time since_ = std::chrono::steady_clock::now();  ///< of the state
    Time lastAnswer_{};
    bool doubted_ = false;
    std::optional<Poco::Net::SocketAddress> address_;
    std::vector<std::unique_ptr<RedisConnection>> idle_;
    std::size_t busy_ = 0;
    Poco::Thread prober_{"redis"};
};

}  // namespace playhouse::host
