#include "ConnectionPool.h"

#include "DatabaseErrors.h"

#include "../HostThread.h"
#include "../ThrownText.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortestPause{50};
constexpr milliseconds longestPause{1'000};

/// How soon it is known that a database has gone which nobody asks for anything.
constexpr milliseconds lookInterval{1'000};

Poco::Logger& logger() {
    return Poco::Logger::get("database");
}

}  // namespace

ConnectionPool::Loan::Loan(ConnectionPool& pool, std::unique_ptr<DatabaseConnection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

ConnectionPool::Loan::~Loan() {
    pool_.takeBack(*this);
}

void ConnectionPool::Loan::limit(std::optional<DatabaseConnection::Deadline> deadline) {
    const std::lock_guard lock(pool_.mutex_);
    std::erase(pool_.limited_, this);
    limit_ = deadline;
    if (!deadline) return;
    pool_.limited_.push_back(this);
    pool_.wanted_.notify_one();
}

ConnectionPool::ConnectionPool(std::unique_ptr<DatabaseConnector> connector, std::size_t most)
    : connector_(std::move(connector)), most_(std::max<std::size_t>(most, 1)) {
    keeper_.startFunc([this] { keep(); });
}

ConnectionPool::~ConnectionPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_one();
    free_.notify_all();
    keeper_.join();
}

ConnectionPool::Loan ConnectionPool::lend(DatabaseConnection::Deadline deadline) {
    std::unique_lock lock(mutex_);
    ++state_.waiting;
    std::unique_ptr<DatabaseConnection> found;
    std::vector<std::unique_ptr<DatabaseConnection>> gone;
    bool inTime = true;
    while (!found && !stopping_) {
        while (!found && !idle_.empty()) {
            auto next = std::move(idle_.back());
            idle_.pop_back();
            if (next->isUsable()) {
                found = std::move(next);
            } else {
                gone.push_back(std::move(next));
                --total_;
            }
        }
        if (found || !inTime || (!state_.isUp && total_ == 0)) break;
        wanted_.notify_one();
        inTime = free_.wait_until(lock, deadline) == std::cv_status::no_timeout || Steady::now() < deadline;
    }
    --state_.waiting;
    if (found) ++state_.lent;
    const bool isUsedUp = state_.lent == most_;
    lock.unlock();
    gone.clear();
    if (!found) throw isUsedUp ? databaseOverloaded() : databaseUnavailable();
    return {*this, std::move(found)};
}

void ConnectionPool::takeBack(Loan& loan) noexcept {
    bool isUsable = false;
    loan.limit(std::nullopt);
    // Asks the server, when a transaction is left open.
    isUsable = loan.connection_->isUsable();
    if (!isUsable) loan.connection_.reset();
    {
        const std::lock_guard lock(mutex_);
        --state_.lent;
        if (isUsable)
            idle_.push_back(std::move(loan.connection_));
        else
            --total_;
    }
    if (isUsable)
        free_.notify_one();
    else
        wanted_.notify_one();
}

ConnectionPool::State ConnectionPool::state() const {
    const std::lock_guard lock(mutex_);
    auto state = state_;
    state.idle = idle_.size();
    return state;
}

bool ConnectionPool::isOneWanted() const {
    // While there is none, one is tried for whether anyone waits or not, so that it is known when the server is back.
    return total_ < most_ && idle_.empty() && (state_.waiting > 0 || !state_.isUp || isDoubted_);
}

void ConnectionPool::keep() noexcept {
    const HostThread marked("database");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto now = Steady::now();
        const auto nextLate = std::min(breakOffLate(now), nextLook_);
        if (now >= nextLook_) {
            lookAfterIdle(lock, now);
            continue;
        }
        if (isOneWanted() && now >= nextAttempt_) {
            open(lock);
            continue;
        }
        wanted_.wait_until(lock, isOneWanted() ? std::min(nextLate, nextAttempt_) : nextLate);
    }
    auto idle = std::move(idle_);
    lock.unlock();
    idle.clear();
}

void ConnectionPool::lookAfterIdle(std::unique_lock<std::mutex>& lock, Steady::time_point now) {
    nextLook_ = now + lookInterval;
    std::vector<std::unique_ptr<DatabaseConnection>> gone;
    for (auto& connection : idle_)
        if (!connection->isUsable()) gone.push_back(std::move(connection));
    std::erase(idle_, nullptr);
    total_ -= gone.size();
    if (gone.empty()) return;
    isDoubted_ = idle_.empty();
    lock.unlock();
    gone.clear();
    lock.lock();
}

void ConnectionPool::open(std::unique_lock<std::mutex>& lock) {
    ++total_;
    isDoubted_ = false;
    lock.unlock();
    std::unique_ptr<DatabaseConnection> fresh;
    std::string problem;
    try {
        fresh = connector_->connect();
    } catch (const std::exception& refusal) {
        problem = thrownText(refusal);
    }
    lock.lock();
    if (fresh) {
        if (!std::exchange(state_.isUp, true)) logger().notice("The database can be reached again.");
        pause_ = {};
        nextAttempt_ = {};
        ++state_.opened;
        idle_.push_back(std::move(fresh));
        free_.notify_one();
        return;
    }
    --total_;
    ++state_.failed;
    pause_ = std::clamp(pause_ * 2, shortestPause, longestPause);
    nextAttempt_ = Steady::now() + pause_;
    if (std::exchange(state_.isUp, false))
        logger().error("The database cannot be used until further notice: " + problem + ".");
    free_.notify_all();
}

ConnectionPool::Steady::time_point ConnectionPool::breakOffLate(Steady::time_point now) {
    auto next = Steady::time_point::max();
    for (auto* loan : limited_) {
        if (*loan->limit_ <= now) {
            loan->connection_->breakOff();
            loan->limit_ = Steady::time_point::max();
        } else {
            next = std::min(next, *loan->limit_);
        }
    }
    return next;
}

}  // namespace playhouse::host
