#pragma once

#include "Sql.h"

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace Poco::Data {
class Session;
}

namespace playhouse {

/// A connection to the database, lent for one piece of work. On one thread, and not beyond the work.
class SqlSession {
public:
    virtual ~SqlSession();

    virtual SqlDialect dialect() const noexcept = 0;

    /// Runs one statement. Parameters stand in it as $1, $2, ..., which both databases understand, and are never part
    /// of its text. The host keeps the statement prepared for the next time: let texts be few and constant.
    ///
    /// Throws SqlError when the database refuses it, std::invalid_argument when the number of parameters differs, and
    /// ApiError 503 as Database does. After a throw inside a transaction only the throw out of the work is of use.
    SqlResult run(std::string_view sql, std::initializer_list<SqlValue> parameters = {}) {
        return run(sql, std::span<const SqlValue>(parameters.begin(), parameters.size()));
    }
    virtual SqlResult run(std::string_view sql, std::span<const SqlValue> parameters) = 0;

    /// Inserts many rows, each with a value for each of `columns`, the fastest way that the database has (PostgreSQL:
    /// COPY). All or none. Throws as run(); std::invalid_argument for a row of another length or a malformed name.
    virtual void insert(std::string_view table, std::span<const std::string> columns,
                        std::span<const std::vector<SqlValue>> rows) = 0;

    /// The session of Poco Data below, for what is not above. What is made with it (statements, record sets) must be
    /// gone when the work returns.
    virtual Poco::Data::Session& session() noexcept = 0;
};

/// The one database of the platform: SQLite in `storage.path`, or PostgreSQL, as `database.url` says. All plugins share
/// it; a plugin's tables are those that its migrations make (docs/writing-a-plugin.md).
///
/// Safe from any thread but a connection's own loop, as it waits: handlers that use it are not Inline, and get a
/// std::logic_error there.
///
/// While the database cannot be reached, or all connections are in use for longer than `database.patience`, each throws
/// ApiError 503 DATABASE_UNAVAILABLE; when its disk is full, ApiError 507 STORAGE_FULL; when it can only be read, and
/// is to be written, ApiError 503 DATABASE_READ_ONLY. What `work` throws goes on to the caller.
class Database {
public:
    virtual ~Database();

    virtual SqlDialect dialect() const noexcept = 0;

    /// Runs `work(session)` and returns what it returns. Each statement is a transaction of its own.
    template <class Work>
    auto use(const Work& work) {
        return withResult(work, Mode::Statements);
    }

    /// Runs `work(session)` in one transaction: all that it did holds when this returns, and none of it when it throws.
    ///
    /// Serializable: as if no other ran at the same time. When the database cannot have it so, `work` is run again,
    /// some times at most (then ApiError 503 DATABASE_BUSY), so it must do nothing that cannot be done twice.
    template <class Work>
    auto transaction(const Work& work) {
        return withResult(work, Mode::Transaction);
    }

protected:
    enum class Mode { Statements, Transaction };

    virtual void run(Mode mode, const std::function<void(SqlSession&)>& work) = 0;

private:
    template <class Work>
    auto withResult(const Work& work, Mode mode) {
        using Result = std::invoke_result_t<const Work&, SqlSession&>;
        if constexpr (std::is_void_v<Result>) {
            run(mode, [&](SqlSession& session) { work(session); });
        } else {
            std::optional<Result> result;
            run(mode, [&](SqlSession& session) { result.emplace(work(session)); });
            return std::move(*result);
        }
    }
};

}  // namespace playhouse
