#pragma once

#include <playhouse/Database.h>

#include <Poco/Data/Session.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

struct DatabaseSettings;

/// One connection to the database: a session of Poco Data, and what runs on it through its own handle, where the kinds
/// of values, the codes of errors and deadlines are to be had as the database gives them.
///
/// One thread at a time, but for breakOff(). What it throws is SqlError, std::invalid_argument, or an ApiError of
/// DatabaseErrors.h.
class DatabaseConnection {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    DatabaseConnection() = default;
    virtual ~DatabaseConnection() = default;
    DatabaseConnection(const DatabaseConnection&) = delete;
    DatabaseConnection& operator=(const DatabaseConnection&) = delete;

    /// As SqlSession::run().
    virtual SqlResult run(std::string_view sql, std::span<const SqlValue> parameters, Deadline deadline) = 0;

    /// As SqlSession::insert(). Here the patience is for each step forward, however many rows there are.
    virtual void insert(std::string_view table, std::span<const std::string> columns,
                        std::span<const std::vector<SqlValue>> rows, std::chrono::milliseconds patience) = 0;

    /// Runs the statements of `text`, without results.
    virtual void runScript(const std::string& text, Deadline deadline) = 0;

    virtual void begin(Deadline deadline) = 0;

    /// Throws, having rolled back, also when a statement of the transaction has failed before.
    virtual void commit(Deadline deadline) = 0;

    /// Ends the transaction, if there is one.
    virtual void rollback() noexcept = 0;

    virtual bool inTransaction() const noexcept = 0;

    /// Whether what was thrown last says that the same would succeed if it were done again.
    virtual bool conflicted() const noexcept = 0;

    /// Why it was given up, when that is for a server that did not answer in time.
    enum class Silence {
        None,
        Short,  ///< who waited was late already
        Long,   ///< the server did not even end a statement that took too long: it hangs
    };
    virtual Silence silence() const noexcept = 0;

    /// Whether it can be lent: looks, without asking the server, whether it still is there.
    virtual bool isUsable() noexcept = 0;

    /// For statements that may take longer than `database.patience`; until the connection is closed.
    virtual void allow(std::chrono::milliseconds perStatement) = 0;

    /// Ends what is run on it, which throws then. Any thread, while the connection lives.
    virtual void breakOff() noexcept = 0;

    virtual Poco::Data::Session& session() noexcept = 0;
};

/// Makes connections to one database. Any thread.
class DatabaseConnector {
public:
    virtual ~DatabaseConnector() = default;

    /// Throws ConnectionRefused, whose text holds no secret. May take seconds.
    virtual std::unique_ptr<DatabaseConnection> connect() = 0;
};

std::unique_ptr<DatabaseConnector> sqliteConnector(const DatabaseSettings& settings);
std::unique_ptr<DatabaseConnector> postgresConnector(const DatabaseSettings& settings);

}  // namespace playhouse::host
