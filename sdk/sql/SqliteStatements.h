#pragma once

#include <playhouse/Sql.h>

#include <cstddef>
#include <list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace playhouse::sql {

/// What SQLite could not do for a reason that is not the statement's: no space, another writer, a broken file.
class SqliteFailure : public std::runtime_error {
public:
    SqliteFailure(int resultCode, int errorNumber, const std::string& message)
        : std::runtime_error(message), code(resultCode), systemError(errorNumber) {}

    const int code;         ///< the primary result code (sqlite.org/rescode.html)
    const int systemError;  ///< errno of the call that failed; 0 when none did
};

/// The statements of one connection to SQLite, prepared once and kept: the most recently used ones.
///
/// One thread at a time. Each throws SqlError or SqliteFailure.
class SqliteStatements {
public:
    /// `database` must stay open for as long as this lives.
    explicit SqliteStatements(sqlite3* database, std::size_t mostKept = 128);
    ~SqliteStatements();
    SqliteStatements(const SqliteStatements&) = delete;
    SqliteStatements& operator=(const SqliteStatements&) = delete;

    /// As SqlSession::run().
    SqlResult run(std::string_view sql, std::span<const SqlValue> parameters);

    /// As SqlSession::insert(), inside a transaction of the caller's.
    void insert(std::string_view table, std::span<const std::string> columns,
                std::span<const std::vector<SqlValue>> rows);

    /// Runs the statements of `text`, one after the other, without results.
    void runScript(const std::string& text);

    /// Whether that statement may change the database.
    bool writes(std::string_view sql);

    std::size_t kept() const noexcept { return kept_.size(); }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    struct Kept {
        std::string sql;
        std::unique_ptr<sqlite3_stmt, Finalize> statement;
        std::vector<std::size_t> parameters;  ///< by SQLite's own number less 1: the one of $1, $2, ... less 1
    };

    Kept& prepared(std::string_view sql);
    Kept prepare(std::string_view sql);
    void bind(const Kept& kept, std::span<const SqlValue> parameters);
    SqlResult rows(sqlite3_stmt* statement);
    [[noreturn]] void throwProblem();

    sqlite3* database_;
    std::size_t mostKept_;
    std::list<Kept> kept_;  ///< the most recently used first
    std::unordered_map<std::string_view, std::list<Kept>::iterator> bySql_;
};

}  // namespace playhouse::sql
