#pragma once

#include "DatabaseConnection.h"

#include <Poco/Thread.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::host {

/// Connections that are lent, a bounded number of them. A thread of its own opens them when they are wanted, so that
/// nobody waits for a server that does not answer, and tries again until it does; another breaks off what is late.
///
/// Safe from any thread. To be destroyed when nothing is lent.
class ConnectionPool {
public:
    ConnectionPool(std::unique_ptr<DatabaseConnector> connector, std::size_t most);
    ~ConnectionPool();
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;

    /// A connection that is lent until this goes.
    class Loan {
    public:
        Loan(ConnectionPool& pool, std::unique_ptr<DatabaseConnection> connection);
        Loan(Loan&&) = delete;
        ~Loan();

        DatabaseConnection& operator*() const noexcept { return *connection_; }
        DatabaseConnection* operator->() const noexcept { return connection_.get(); }

        /// From then on the connection is broken off, unless this is called again: for calls that know no deadline.
        void limit(std::optional<DatabaseConnection::Deadline> deadline);

        /// As DatabaseConnection::allow(). It is closed after the loan, so nobody waits for it to come back.
        void allow(std::chrono::milliseconds perStatement);

    private:
        friend class ConnectionPool;
        ConnectionPool& pool_;
        std::unique_ptr<DatabaseConnection> connection_;
        std::optional<DatabaseConnection::Deadline> limit_;
        std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
        bool isLast_ = false;  ///< it is closed afterwards
    };

    /// Waits for one until `deadline`, and not at all while the database is down. Throws ApiError 503
    /// DATABASE_UNAVAILABLE.
    Loan lend(DatabaseConnection::Deadline deadline);

    struct State {
        std::size_t lent = 0;
        std::size_t idle = 0;
        std::size_t waiting = 0;
        bool isUp = true;          ///< false from when none could be opened, or one hung, until one works
        std::uint64_t opened = 0;  ///< since the start
        std::uint64_t failed = 0;  ///< attempts to open one
    };
    State state() const;

private:
    using Steady = std::chrono::steady_clock;

    void takeBack(Loan& loan) noexcept;
    void keep() noexcept;
    void openWanted() noexcept;
    bool isOneWanted() const;
    void open(std::unique_lock<std::mutex>& lock);
    Steady::time_point breakOffLate(Steady::time_point now);
    void lookAfterIdle(std::unique_lock<std::mutex>& lock, Steady::time_point now);
    std::size_t total() const { return state_.lent + idle_.size() + (isOpening_ ? 1 : 0); }
    bool isNoneLeft() const { return idle_.empty() && state_.lent == last_; }
    void goDown(const std::string& problem);
    void comeUp();
    void tellFailure(const std::string& problem);

    const std::unique_ptr<DatabaseConnector> connector_;
    const std::size_t most_;
    mutable std::mutex mutex_;
    std::condition_variable free_;
    std::condition_variable wanted_;  ///< for what opens connections
    std::condition_variable late_;    ///< for what breaks them off
    std::vector<std::unique_ptr<DatabaseConnection>> idle_;
    std::vector<Loan*> limited_;
    State state_;
    std::size_t last_ = 0;  ///< lent ones that do not come back
    bool isOpening_ = false;
    bool isDoubted_ = false;  ///< the last connection has broken: is the database still there?
    bool isShort_ = false;    ///< it has been said that those which are there are all that can be had
    Steady::time_point downSince_{};
    Steady::time_point nextLook_{};
    Steady::time_point nextAttempt_{};
    std::chrono::milliseconds pause_{0};
    bool stopping_ = false;
    Poco::Thread keeper_;
    Poco::Thread opener_;
};

}  // namespace playhouse::host
