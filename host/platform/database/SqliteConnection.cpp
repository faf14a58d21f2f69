#include "DatabaseConnection.h"

#include "DatabaseErrors.h"
#include "DatabaseSettings.h"
#include "ReadOnlyNotice.h"
#include "SoleTurn.h"

#include <SqliteStatements.h>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <mutex>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr int stepsBetweenLooks = 10'000;

milliseconds left(DatabaseConnection::Deadline deadline) {
    return std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(deadline - Steady::now()));
}

class SqliteConnection final : public DatabaseConnection {
public:
    SqliteConnection(Poco::Data::Session session, std::shared_ptr<SoleTurn> turn,
                     std::shared_ptr<ReadOnlyNotice> readOnly)
        : session_(std::move(session)),
          handle_(Poco::Data::SQLite::Utility::dbHandle(session_)),
          turn_(std::move(turn)),
          readOnly_(std::move(readOnly)),
          statements_(handle_) {
        sqlite3_progress_handler(
            handle_, stepsBetweenLooks,
            [](void* self) { return static_cast<SqliteConnection*>(self)->isLate() ? 1 : 0; }, this);
    }

    ~SqliteConnection() override {
        rollback();
        sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    }

    SqlResult run(std::string_view sql, std::span<const SqlValue> parameters, Deadline deadline) override {
        return attempt(deadline, [&] {
            const Turn turn(*this, !inTransaction() && statements_.writes(sql), deadline);
            auto found = statements_.run(sql, parameters);
            if (found.affected() > 0) readOnly_->written();
            return found;
        });
    }

    void insert(std::string_view table, std::span<const std::string> columns,
                std::span<const std::vector<SqlValue>> rows, milliseconds patience) override {
        const bool whole = !inTransaction();
        if (whole) begin(Steady::now() + patience);
        try {
            constexpr std::size_t step = 10'000;
            // Once for the check of names and columns without any row, too.
            for (std::size_t from = 0; from == 0 || from < rows.size(); from += step) {
                const auto part = rows.subspan(from, std::min(step, rows.size() - from));
                attempt(Steady::now() + patience, [&] { statements_.insert(table, columns, part); });
            }
        } catch (...) {
            if (whole) rollback();
            throw;
        }
        if (whole) commit(Steady::now() + patience);
    }

    void runScript(const std::string& text, Deadline deadline) override {
        attempt(deadline, [&] { statements_.runScript(text); });
    }

    void begin(Deadline deadline) override {
        failure_ = nullptr;
        if (!turn_->take(deadline)) throw databaseBusy();
        hasTurn_ = true;
        try {
            attempt(deadline, [&] { statements_.run("BEGIN IMMEDIATE", {}); });
        } catch (...) {
            rollback();
            throw;
        }
    }

    void commit(Deadline deadline) override {
        try {
            if (failure_) std::rethrow_exception(failure_);
            attempt(deadline, [&] { statements_.run("COMMIT", {}); });
        } catch (...) {
            rollback();
            throw;
        }
        endTurn();
    }

    void rollback() noexcept override {
        deadline_ = Deadline::max();
        failure_ = nullptr;
        // SQLite ends a transaction by itself at some errors.
        if (inTransaction() && sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK)
            isBroken_ = true;
        endTurn();
    }

    bool inTransaction() const noexcept override { return sqlite3_get_autocommit(handle_) == 0; }

    // One writer at a time: nothing conflicts.
    bool conflicted() const noexcept override { return false; }

    Silence silence() const noexcept override { return Silence::None; }

    bool isUsable() noexcept override {
        if (inTransaction()) rollback();
        return !isBroken_ && !isBrokenOff_;
    }

    void allow(milliseconds) override {}

    void breakOff() noexcept override {
        isBrokenOff_ = true;
        sqlite3_interrupt(handle_);
    }

    Poco::Data::Session& session() noexcept override {
        deadline_ = Deadline::max();
        return session_;
    }

private:
    /// The right to write, for one statement.
    class Turn {
    public:
        Turn(SqliteConnection& connection, bool needed, Deadline deadline) : connection_(connection), needed_(needed) {
            if (!needed_) return;
            if (!connection_.turn_->take(deadline)) throw databaseBusy();
            connection_.hasTurn_ = true;
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            if (needed_) connection_.endTurn();
        }

    private:
        SqliteConnection& connection_;
        bool needed_;
    };

    template <class Step>
    auto attempt(Deadline deadline, const Step& step) -> decltype(step()) {
        deadline_ = deadline;
        // For processes beside this one; within it, writers take turns.
        sqlite3_busy_timeout(handle_, static_cast<int>(left(deadline).count()));
        try {
            return step();
        } catch (const sql::SqliteFailure& failure) {
            try {
                throwTold(failure);
            } catch (...) {
                keepFailure();
                throw;
            }
        } catch (...) {
            keepFailure();
            throw;
        }
    }

    /// For commit(): a transaction of which a statement has failed is not to hold, on any database.
    void keepFailure() noexcept {
        if (hasTurn_ && !failure_) failure_ = std::current_exception();
    }

    [[noreturn]] void throwTold(const sql::SqliteFailure& failure) {
        if (failure.code == SQLITE_FULL || failure.systemError == ENOSPC || failure.systemError == EDQUOT)
            throw databaseFull();
        if (failure.code == SQLITE_BUSY || failure.code == SQLITE_LOCKED || failure.code == SQLITE_INTERRUPT)
            throw databaseBusy();
        // A file that was opened when it was read-only stays so.
        isBroken_ = true;
        if (failure.code == SQLITE_READONLY) {
            readOnly_->refused(failure.what());
            throw databaseReadOnly();
        }
        Poco::Logger::get("database").error("The database cannot be used: " + std::string(failure.what()));
        throw databaseUnavailable();
    }

    bool isLate() const { return isBrokenOff_ || Steady::now() > deadline_; }

    void endTurn() noexcept {
        if (std::exchange(hasTurn_, false)) turn_->giveBack();
    }

    Poco::Data::Session session_;
    sqlite3* handle_;
    std::shared_ptr<SoleTurn> turn_;
    std::shared_ptr<ReadOnlyNotice> readOnly_;
    sql::SqliteStatements statements_;
    bool hasTurn_ = false;
    bool isBroken_ = false;
    std::atomic<bool> isBrokenOff_{false};
    Deadline deadline_ = Deadline::max();
    std::exception_ptr failure_;
};

class SqliteConnector final : public DatabaseConnector {
public:
    explicit SqliteConnector(const DatabaseSettings& settings)
        : file_(settings.file),
          patience_(settings.patience),
          readOnly_(std::make_shared<ReadOnlyNotice>(describe(settings))) {
        Poco::Data::SQLite::Connector::registerConnector();
    }

    std::unique_ptr<DatabaseConnection> connect() override {
        const auto refused = [this](const std::string& why) {
            return ConnectionRefused("the SQLite file " + file_.string() + " cannot be used: " + why +
                                     (isForeign_ ? "; it is left as it is: put back a copy, or move it away" : ""));
        };
        isForeign_ = false;
        try {
            std::filesystem::create_directories(file_.parent_path());
            makePrivate();
            Poco::Data::Session session(Poco::Data::SQLite::Connector::KEY, file_.string());
            setUp(Poco::Data::SQLite::Utility::dbHandle(session));
            return std::make_unique<SqliteConnection>(std::move(session), turn_, readOnly_);
        } catch (const Poco::Exception& problem) {
            throw refused(problem.displayText());
        } catch (const std::exception& problem) {
            throw refused(problem.what());
        }
    }

private:
    /// Makes a missing file for its owner alone, as it will hold what is nobody else's business; those that SQLite
    /// makes beside it have its mode. One that is there keeps its own.
    void makePrivate() const {
        const int file = ::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        // What is wrong with the place, SQLite says.
        if (file >= 0) ::close(file);
    }

    void setUp(sqlite3* handle) {
        const std::lock_guard lock(settingUp_);
        sqlite3_extended_result_codes(handle, 1);
        sqlite3_busy_timeout(handle, static_cast<int>(patience_.count()));
        // Others that open it at this moment may be in the way, whatever the busy timeout is.
        const auto deadline = Steady::now() + patience_;
        int code = SQLITE_OK;
        do {
            code = sqlite3_exec(handle,
                                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                                "PRAGMA trusted_schema = OFF;",
                                nullptr, nullptr, nullptr);
        } while ((code & 0xFF) == SQLITE_BUSY && Steady::now() < deadline && sqlite3_sleep(5) >= 0);
        if (code == SQLITE_OK) return;
        const std::string text = sqlite3_errmsg(handle);
        isForeign_ = (code & 0xFF) == SQLITE_NOTADB || (code & 0xFF) == SQLITE_CORRUPT;
        throw ConnectionRefused(text);
    }

    const std::filesystem::path file_;
    const milliseconds patience_;
    const std::shared_ptr<ReadOnlyNotice> readOnly_;
    const std::shared_ptr<SoleTurn> turn_ = std::make_shared<SoleTurn>();
    std::mutex settingUp_;
    bool isForeign_ = false;
};

}  // namespace

std::unique_ptr<DatabaseConnector> sqliteConnector(const DatabaseSettings& settings) {
    return std::make_unique<SqliteConnector>(settings);
}

}  // namespace playhouse::host
