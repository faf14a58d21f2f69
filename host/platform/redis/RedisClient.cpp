#include "RedisClient.h"

#include "RedisFigures.h"

#include "platform/HostThread.h"
#include "platform/LoopThread.h"
#include "platform/ThrownText.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

Poco::Logger& redisLogger() {
    return Poco::Logger::get("redis");
}

/// Errors by which Redis says that it serves nobody now: while it loads its data, as a replica that may not write or
/// has no primary, and when it wants a password.
bool saysThatItIsAway(const std::string& error) {
    constexpr std::array away{"LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN", "NOAUTH", "BUSY"};
    return std::any_of(away.begin(), away.end(),
                       [&](const std::string& code) { return error.starts_with(code + " "); });
}

/// Between the half of `interval` and all of it, so that hosts which lost Redis together do not come back together.
milliseconds jittered(milliseconds interval) {
    thread_local std::minstd_rand random(std::random_device{}());
    return milliseconds(
        std::uniform_int_distribution<milliseconds::rep>(interval.count() / 2, interval.count())(random));
}

void refuseOnALoop() {
    if (isLoopThread())
        throw std::logic_error(
            "this waits for Redis, and was called on a connection's loop, which must not wait; register the handler "
            "without Execution::Inline");
}

}  // namespace

struct RedisClient::Use {
    std::unique_ptr<RedisConnection> connection;
    std::uint64_t change = 0;  ///< what changes() was when it was taken
};

RedisClient::RedisClient(RedisSettings settings, prometheus::Registry* figures)
    : settings_(std::move(settings)), figures_(std::make_unique<RedisFigures>(figures)) {
    prober_.startFunc([this] {
        const HostThread self(prober_.getName());
        keepReaching();
    });
}

RedisClient::~RedisClient() {
    stop();
}

RedisReply RedisClient::execute(const RedisCommand& command) {
    auto reply = pipeline(std::span(&command, 1)).front();
    if (reply.isError()) throw RedisError(reply.errorText());
    return reply;
}

std::vector<RedisReply> RedisClient::pipeline(std::span<const RedisCommand> commands) {
    refuseOnALoop();
    const auto began = Steady::now();
    const auto deadline = began + settings_.patience;
    std::unique_ptr<Use> use;
    try {
        use = acquire(deadline);
        const auto change = use->change;
        try {
            if (!use->connection) {
                std::unique_lock lock(mutex_);
                const auto address = *address_;
                lock.unlock();
                use->connection = std::make_unique<RedisConnection>(settings_, address, deadline);
            }
            auto replies = use->connection->execute(commands, deadline);
            for (const auto& reply : replies)
                if (const auto error = reply.errorText(); saysThatItIsAway(error)) throw RedisAway("it says: " + error);
            figures_->count(commands.size(), Steady::now() - began);
            for (const auto& reply : replies)
                if (const auto error = reply.errorText(); !error.empty() && !error.starts_with("NOSCRIPT "))
                    figures_->countError();
            giveBack(std::move(use));
            return replies;
        } catch (const std::exception& problem) {
            drop(std::move(use));
            if (dynamic_cast<const RedisAway*>(&problem)) lost(change, problem.what());
            throw;
        }
    } catch (const RedisAway& problem) {
        figures_->countAway();
        throw RedisAway(name() + " cannot be asked: " + problem.what());
    }
}

std::unique_ptr<RedisConnection> RedisClient::connect() {
    std::unique_lock lock(mutex_);
    if (state_ != State::Up) throw RedisAway(name() + " cannot be asked: " + reason_);
    const auto address = *address_;
    lock.unlock();
    return std::make_unique<RedisConnection>(settings_, address, Steady::now() + settings_.patience);
}

std::unique_ptr<RedisClient::Use> RedisClient::acquire(Time deadline) {
    std::unique_lock lock(mutex_);
    while (true) {
        const bool decided = changed_.wait_until(lock, deadline, [this] {
            if (state_ == State::Unknown) return false;
            return state_ != State::Up || !idle_.empty() || busy_ < settings_.connections;
        });
        if (state_ == State::Away || state_ == State::Stopped) throw RedisAway(reason_);
        if (!decided)
            throw RedisAway(state_ == State::Unknown
                                ? "it has not answered yet"
                                : "all redis.connections = " + std::to_string(settings_.connections) + " are in use");
        auto use = std::make_unique<Use>();
        use->change = changes_;
        if (!idle_.empty()) {
            use->connection = std::move(idle_.back());
            idle_.pop_back();
            // One that Redis has closed meanwhile is no reason to fail.
            if (!use->connection->isQuiet()) continue;
        }
        ++busy_;
        showConnections();
        return use;
    }
}

void RedisClient::giveBack(std::unique_ptr<Use> use) noexcept {
    const std::lock_guard lock(mutex_);
    --busy_;
    lastAnswer_ = Steady::now();
    if (state_ == State::Up && use->change == changes_) idle_.push_back(std::move(use->connection));
    showConnections();
    changed_.notify_all();
}

void RedisClient::drop(std::unique_ptr<Use> use) noexcept {
    use.reset();
    const std::lock_guard lock(mutex_);
    --busy_;
    showConnections();
    changed_.notify_all();
}

void RedisClient::lost(std::uint64_t change, const std::string& reason) {
    const std::lock_guard lock(mutex_);
    // It may have gone, and be back, since.
    if (state_ == State::Up && change == changes_) setState(State::Away, reason);
}

void RedisClient::setState(State state, const std::string& reason) {
    const auto now = Steady::now();
    const auto before = std::exchange(state_, state);
    reason_ = reason;
    ++changes_;
    idle_.clear();
    if (state == State::Away)
        redisLogger().warning(name() + " is away: " + reason + "; trying until it is there");
    else if (state == State::Up && before == State::Away)
        redisLogger().information(name() + " is back after " +
                                  std::to_string(std::chrono::duration_cast<milliseconds>(now - since_).count()) +
                                  " ms");
    else if (state == State::Up)
        redisLogger().information(name() + " is there");
    since_ = now;
    figures_->showUp(state == State::Up);
    showConnections();
    changed_.notify_all();
    wakeProber_.notify_all();
}

void RedisClient::keepReaching() {
    auto interval = settings_.retryInterval;
    std::optional<Time> upSince;
    std::unique_lock lock(mutex_);
    const auto pause = [&] {
        const auto until = Steady::now() + jittered(interval);
        interval = std::min(2 * interval, settings_.maximumRetryInterval);
        wakeProber_.wait_until(lock, until, [this] { return state_ == State::Stopped; });
    };
    while (state_ != State::Stopped) {
        if (state_ == State::Up) {
            const auto due = lastAnswer_ + settings_.maximumRetryInterval;
            if (!doubted_ && Steady::now() < due) {
                wakeProber_.wait_until(lock, due);
                continue;
            }
        } else if (const auto since = std::exchange(upSince, std::nullopt)) {
            // One that goes away again and again is tried no faster for it.
            if (Steady::now() - *since < settings_.maximumRetryInterval) {
                pause();
                continue;
            }
            interval = settings_.retryInterval;
        }
        doubted_ = false;
        const auto change = changes_;
        lock.unlock();
        const auto problem = attempt();
        lock.lock();
        if (state_ == State::Stopped) return;
        if (!problem) {
            lastAnswer_ = Steady::now();
            if (state_ == State::Up) continue;
            setState(State::Up, {});
            upSince = since_;
            continue;
        }
        if (state_ == State::Unknown || (state_ == State::Up && change == changes_)) setState(State::Away, *problem);
        reason_ = *problem;
        pause();
    }
}

std::optional<std::string> RedisClient::attempt() {
    try {
        // Names are looked up here alone: that may take longer than anybody's patience.
        const Poco::Net::SocketAddress address(settings_.host, settings_.port);
        {
            const std::lock_guard lock(mutex_);
            address_ = address;
        }
        const auto deadline = Steady::now() + settings_.patience;
        RedisConnection connection(settings_, address, deadline);
        const auto ping = redisCommand({"PING"});
        const auto reply = connection.execute(std::span(&ping, 1), deadline).front();
        if (reply.isError()) return "it says: " + reply.errorText();
        return std::nullopt;
    } catch (const RedisAway& problem) {
        return problem.what();
    } catch (const Poco::Exception& problem) {
        return problem.displayText();
    } catch (const std::exception& problem) {
        return thrownText(problem);
    }
}

bool RedisClient::isUp() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::Up;
}

std::uint64_t RedisClient::changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
}

bool RedisClient::waitUntilUp(Time deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return state_ == State::Up || state_ == State::Stopped; });
    return state_ == State::Up;
}

void RedisClient::waitForFirstAttempt(Time deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return state_ != State::Unknown; });
}

void RedisClient::doubt() {
    const std::lock_guard lock(mutex_);
    doubted_ = true;
    wakeProber_.notify_all();
}

void RedisClient::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (state_ == State::Stopped) return;
        setState(State::Stopped, "this server stops");
    }
    prober_.join();
}

void RedisClient::showConnections() {
    figures_->showConnections(idle_.size(), busy_);
}

std::string RedisClient::name() const {
    return "Redis at " + settings_.host + ":" + std::to_string(settings_.port);
}

}  // namespace playhouse::host
