#include "HostDatabase.h"

#include "ConflictPause.h"
#include "DatabaseErrors.h"

#include "../LoopThread.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace playhouse {

/// Made of sdk/sql/migrations.
extern const EmbeddedMigrations platformMigrations;

}  // namespace playhouse

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int mostAttempts = 10;

/// Other work on the thread that works already would wait for a connection which that work may hold, or for rows that
/// it has locked.
class Working {
public:
    Working() {
        if (std::exchange(isWorking, true))
            throw std::logic_error(
                "the database was asked for from within its own work; use the session that the work was given");
    }
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
    ~Working() { isWorking = false; }

private:
    static thread_local bool isWorking;
};

thread_local bool Working::isWorking = false;

void refuseOnALoop() {
    if (isLoopThread())
        throw std::logic_error(
            "this waits for the database, and was called on a connection's loop, which must not wait; register the "
            "handler without Execution::Inline");
}

std::unique_ptr<DatabaseConnector> connectorOf(const DatabaseSettings& settings) {
    return settings.dialect == SqlDialect::SQLite ? sqliteConnector(settings) : postgresConnector(settings);
}

/// For who needs the host's own tables, which cannot be made.
ApiError answerTo(const MigrationError& problem) {
    if (problem.code() == "STORAGE_FULL") return databaseFull();
    if (problem.code() == "DATABASE_READ_ONLY") return databaseReadOnly();
    return problem.code() == "DATABASE_BUSY" ? databaseBusy() : databaseUnavailable();
}

MigrationOwner platformItself() {
    return {"", PLAYHOUSE_VERSION};
}

}  // namespace

/// What the work gets.
class HostDatabase::LentSession final : public SqlSession {
public:
    LentSession(HostDatabase& database, ConnectionPool::Loan& loan, Steady::time_point firstDeadline)
        : database_(database), loan_(loan), firstDeadline_(firstDeadline) {}

    SqlDialect dialect() const noexcept override { return database_.settings_.dialect; }

    SqlResult run(std::string_view sql, std::span<const SqlValue> parameters) override {
        return counted([&] { return loan_->run(sql, parameters, deadline()); });
    }

    void insert(std::string_view table, std::span<const std::string> columns,
                std::span<const std::vector<SqlValue>> rows) override {
        counted([&] { loan_->insert(table, columns, rows, database_.settings_.patience); });
    }

    Poco::Data::Session& session() noexcept override {
        // What is done with it waits without end.
        isLimited_ = true;
        loan_.limit(deadline());
        return loan_->session();
    }

    /// For the next statement: what the work has waited already counts for its first one.
    Steady::time_point deadline() noexcept {
        const auto now = Steady::now();
        const auto patience = database_.settings_.patience;
        const auto first = std::exchange(firstDeadline_, Steady::time_point::max());
        return std::max(std::min(first, now + patience), now + patience / 4);
    }

private:
    template <class Step>
    auto counted(const Step& step) -> decltype(step()) {
        if (std::exchange(isLimited_, false)) loan_.limit(std::nullopt);
        for (int attempt = 1;; ++attempt) {
            const Timer timer(database_.figures_);
            try {
                return step();
            } catch (...) {
                // A statement by itself has changed nothing, and is simply run again; a transaction begins anew.
                if (!loan_->conflicted() || loan_->inTransaction() || attempt == mostAttempts) {
                    database_.figures_.addError();
                    throw;
                }
            }
            database_.figures_.addRetry();
            pauseAfterConflict(attempt);
        }
    }

    class Timer {
    public:
        explicit Timer(DatabaseFigures& figures) : figures_(figures) {}
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;
        ~Timer() { figures_.addQuery(Steady::now() - began_); }

    private:
        DatabaseFigures& figures_;
        Steady::time_point began_ = Steady::now();
    };

    HostDatabase& database_;
    ConnectionPool::Loan& loan_;
    Steady::time_point firstDeadline_;
    bool isLimited_ = false;
};

HostDatabase::HostDatabase(DatabaseSettings settings, prometheus::Registry& figures)
    : settings_(std::move(settings)),
      figures_(figures),
      pool_(connectorOf(settings_), settings_.sessions),
      migrations_(pool_, settings_) {}

void HostDatabase::prepare() {
    if (isPrepared_) return;
    if (!preparing_.take(Steady::now() + settings_.patience))
        throw MigrationError("DATABASE_UNAVAILABLE", "another thread still waits for the " + describe(settings_));
    const std::unique_ptr<SoleTurn, void (*)(SoleTurn*)> turn(&preparing_, [](SoleTurn* taken) { taken->giveBack(); });
    if (isPrepared_) return;
    migrations_.run(platformItself(), &platformMigrations);
    isPrepared_ = true;
}

HostDatabase::Need HostDatabase::needOf(const MigrationOwner& owner, const EmbeddedMigrations* migrations) {
    const bool hasNone = migrations == nullptr || migrations->count == 0;
    // Without a file there is nothing that an earlier version could have left, and no need to make one.
    if (hasNone && settings_.dialect == SqlDialect::SQLite && !std::filesystem::exists(settings_.file))
        return Need::Nothing;
    std::vector<Migration> pending;
    try {
        pending = migrations_.pending(owner, migrations);
    } catch (const MigrationError& problem) {
        if (!hasNone || problem.code() != "DATABASE_UNAVAILABLE") throw;
    }
    if (pending.empty()) return Need::Nothing;
    return std::all_of(pending.begin(), pending.end(), [](const auto& each) { return each.isCompatible; })
               ? Need::Migrations
               : Need::IncompatibleMigrations;
}

void HostDatabase::migrate(const MigrationOwner& owner, const EmbeddedMigrations* migrations) {
    prepare();
    migrations_.run(owner, migrations);
}

void HostDatabase::run(Mode mode, const std::function<void(SqlSession&)>& work) {
    refuseOnALoop();
    const Working working;
    const auto deadline = Steady::now() + settings_.patience;
    try {
        prepare();
    } catch (const MigrationError& problem) {
        tellOnce(problem);
        throw answerTo(problem);
    }
    auto loan = lend(deadline);
    LentSession session(*this, loan, deadline);
    if (mode == Mode::Statements)
        work(session);
    else
        inTransaction(*loan, session, work);
}

void HostDatabase::tellOnce(const MigrationError& problem) {
    // The pool has said that it cannot be reached.
    if (problem.code() == "DATABASE_UNAVAILABLE") return;
    const std::lock_guard lock(toldMutex_);
    if (std::exchange(told_, problem.what()) != problem.what()) Poco::Logger::get("database").error(told_);
}

ConnectionPool::Loan HostDatabase::lend(DatabaseConnection::Deadline deadline) {
    try {
        return pool_.lend(deadline);
    } catch (...) {
        figures_.addError();
        throw;
    }
}

void HostDatabase::inTransaction(DatabaseConnection& connection, LentSession& session,
                                 const std::function<void(SqlSession&)>& work) {
    for (int attempt = 1;; ++attempt) {
        try {
            connection.begin(session.deadline());
            work(session);
            connection.commit(session.deadline());
            return;
        } catch (...) {
            const bool again = connection.conflicted();
            connection.rollback();
            if (!again) throw;
            if (attempt == mostAttempts) throw databaseBusy();
        }
        figures_.addRetry();
        pauseAfterConflict(attempt);
    }
}

}  // namespace playhouse::host
