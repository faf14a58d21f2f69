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
    pool_.late_.notify_one();
}

void ConnectionPool::Loan::allow(std::chrono::milliseconds perStatement) {
    connection_->allow(perStatement);
    const std::lock_guard lock(pool_.mutex_);
    if (!std::exchange(isLast_, true)) ++pool_.last_;
}

ConnectionPool::ConnectionPool(std::unique_ptr<DatabaseConnector> connector, std::size_t most)
    : connector_(std::move(connector)), most_(std::max<std::size_t>(most, 1)) {
    keeper_.startFunc([this] { keep(); });
    opener_.startFunc([this] { openWanted(); });
}

ConnectionPool::~ConnectionPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    late_.notify_one();
    wanted_.notify_one();
    free_.notify_all();
    keeper_.join();
    opener_.join();
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
            if (next->isUsable())
                found = std::move(next);
            else
                gone.push_back(std::move(next));
        }
        if (found || !inTime || !state_.isUp) break;
        wanted_.notify_one();
        inTime = free_.wait_until(lock, deadline) == std::cv_status::no_timeout || Steady::now() < deadline;
    }
    --state_.waiting;
    if (found) ++state_.lent;
    const bool isUsedUp = state_.lent == most_;
    // The next ones are not to wait for the same.
    if (!found && !inTime && isNoneLeft()) goDown("no connection to it could be opened within database.patience");
    lock.unlock();
    gone.clear();
    if (!found) throw isUsedUp ? databaseOverloaded() : databaseUnavailable();
    return {*this, std::move(found)};
}

void ConnectionPool::takeBack(Loan& loan) noexcept {
    loan.limit(std::nullopt);
    // Asks the server, when a transaction is left open.
    const bool isUsable = loan.connection_->isUsable();
    const auto silence = loan.connection_->silence();
    if (!isUsable) loan.connection_.reset();
    std::vector<std::unique_ptr<DatabaseConnection>> doubtful;
    {
        const std::lock_guard lock(mutex_);
        --state_.lent;
        if (loan.isLast_) --last_;
        if (isUsable) {
            idle_.push_back(std::move(loan.connection_));
            if (loan.since_ > downSince_) comeUp();
        } else if (silence == DatabaseConnection::Silence::Long) {
            // Whoever took one of the others would wait as long for nothing.
            doubtful = std::exchange(idle_, {});
        }
        isDoubted_ = isDoubted_ || (!isUsable && idle_.empty());
        if (silence == DatabaseConnection::Silence::Long ||
            (silence == DatabaseConnection::Silence::Short && isNoneLeft()))
            goDown("it did not answer within database.patience");
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
    // While the database is down, one is tried whether anyone waits or not, so that it is known when it is back.
    const bool isMissed = idle_.empty() && (state_.waiting > 0 || isDoubted_);
    return total() < most_ && (isMissed || !state_.isUp);
}

void ConnectionPool::keep() noexcept {
    const HostThread marked("database");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto now = Steady::now();
        const auto nextLate = breakOffLate(now);
        if (now >= nextLook_)
            lookAfterIdle(lock, now);
        else
            late_.wait_until(lock, std::min(nextLate, nextLook_));
    }
}

void ConnectionPool::openWanted() noexcept {
    const HostThread marked("database");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (!isOneWanted())
            wanted_.wait(lock);
        else if (Steady::now() < nextAttempt_)
            wanted_.wait_until(lock, nextAttempt_);
        else
            open(lock);
    }
}

void ConnectionPool::lookAfterIdle(std::unique_lock<std::mutex>& lock, Steady::time_point now) {
    nextLook_ = now + lookInterval;
    std::vector<std::unique_ptr<DatabaseConnection>> gone;
    for (auto& connection : idle_)
        if (!connection->isUsable()) gone.push_back(std::move(connection));
    std::erase(idle_, nullptr);
    if (gone.empty()) return;
    isDoubted_ = isDoubted_ || idle_.empty();
    wanted_.notify_one();
    lock.unlock();
    gone.clear();
    lock.lock();
}

void ConnectionPool::open(std::unique_lock<std::mutex>& lock) {
    isOpening_ = true;
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
    isOpening_ = false;
    if (fresh) {
        comeUp();
        isShort_ = false;
        pause_ = {};
        nextAttempt_ = {};
        ++state_.opened;
        idle_.push_back(std::move(fresh));
        free_.notify_one();
        return;
    }
    ++state_.failed;
    pause_ = std::clamp(pause_ * 2, shortestPause, longestPause);
    nextAttempt_ = Steady::now() + pause_;
    if (isNoneLeft())
        goDown(problem);
    else
        tellFailure(problem);
}

void ConnectionPool::goDown(const std::string& problem) {
    downSince_ = Steady::now();
    if (std::exchange(state_.isUp, false))
        logger().error("The database cannot be used until further notice: " + problem + ".");
    free_.notify_all();
    wanted_.notify_one();
}

void ConnectionPool::comeUp() {
    if (!std::exchange(state_.isUp, true)) logger().notice("The database can be reached again.");
}

/// Of a connection that could not be opened beside others that serve on.
void ConnectionPool::tellFailure(const std::string& problem) {
    if (!state_.isUp || std::exchange(isShort_, true)) return;
    logger().warning("No connection can be opened beside the " + std::to_string(total()) +
                     " that serve on: " + problem + ".");
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
