#include "MigrationRun.h"

#include "ConflictPause.h"
#include "DatabaseErrors.h"

#include <playhouse/ApiError.h>

#include <Poco/Logger.h>

#include <array>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

/// Of PostgreSQL's advisory lock: "playhous" as a number, which no application is likely to take.
constexpr std::int64_t lockKey = 0x706c6179686f7573;

constexpr const char* ownTable =
    "CREATE TABLE IF NOT EXISTS playhouse_migrations ("
    "plugin VARCHAR(100) NOT NULL, number INTEGER NOT NULL, name VARCHAR(255) NOT NULL, checksum CHAR(64) NOT NULL, "
    "compatible BOOLEAN NOT NULL, version VARCHAR(100) NOT NULL, applied_at TIMESTAMP NOT NULL, "
    "PRIMARY KEY (plugin, number))";

}  // namespace

template <class Work>
auto MigrationRun::told(const MigrationOwner& owner, const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const ApiError& problem) {
        throw MigrationError(problem.code(), owner.text() + " needs the " + describe(settings_) +
                                                 " for its migrations: " + problem.what());
    } catch (const SqlError& problem) {
        throw MigrationError("MIGRATION_FAILED", owner.text() + ": " + saidOf(problem));
    }
}

std::string MigrationRun::saidOf(const SqlError& problem) const {
    const auto text = problem.what() + (" in the " + describe(settings_));
    if (dynamic_cast<const RightMissing*>(&problem) == nullptr) return text;
    return text +
           "; its user must be allowed to make tables there, GRANT CREATE ON SCHEMA public TO ..., and own those that "
           "are changed";
}

std::vector<AppliedMigration> MigrationRun::applied(DatabaseConnection& connection, const MigrationOwner& owner,
                                                    Deadline deadline) {
    const std::array<SqlValue, 1> plugin{owner.id};
    const auto rows = connection.run(
        "SELECT number, name, checksum, compatible, version FROM playhouse_migrations WHERE plugin = $1 ORDER BY "
        "number",
        plugin, deadline);
    std::vector<AppliedMigration> all;
    for (std::size_t index = 0; index < rows.size(); ++index) {
        const auto row = rows[index];
        all.push_back({static_cast<int>(row.integer("number")), row.text("name"), row.text("checksum"),
                       row.flag("compatible"), row.text("version")});
    }
    return all;
}

std::vector<Migration> MigrationRun::pending(const MigrationOwner& owner, const EmbeddedMigrations* embedded) {
    const auto all = migrationsOf(embedded, settings_.dialect, owner);
    return told(owner, [&] {
        const auto deadline = Steady::now() + settings_.patience;
        const auto loan = pool_.lend(deadline);
        const bool isNew =
            loan->run(
                    settings_.dialect == SqlDialect::SQLite
                        ? "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'playhouse_migrations'"
                        : "SELECT 1 AS found WHERE to_regclass('playhouse_migrations') IS NOT NULL",
                    {}, deadline)
                .empty();
        return pendingMigrations(all, isNew ? std::vector<AppliedMigration>() : applied(*loan, owner, deadline), owner);
    });
}

std::size_t MigrationRun::run(const MigrationOwner& owner, const EmbeddedMigrations* embedded) {
    // Most starts find nothing to do, and wait for nobody then.
    if (pending(owner, embedded).empty()) return 0;
    const std::lock_guard oneAtATime(running_);
    const auto all = migrationsOf(embedded, settings_.dialect, owner);
    return told(owner, [&] {
        const auto deadline = Steady::now() + settings_.migrationTimeout;
        auto loan = pool_.lend(Steady::now() + settings_.patience);
        try {
            loan.allow(settings_.migrationTimeout);
            lockOut(*loan, deadline);
            loan->runScript(ownTable, deadline);
            return runAll(loan, owner, all, deadline);
        } catch (const ApiError& problem) {
            const bool isLate = Steady::now() >= deadline;
            if (!isLate || (problem.code() != "DATABASE_BUSY" && problem.code() != "DATABASE_UNAVAILABLE")) throw;
            throw MigrationError("MIGRATION_TIMEOUT",
                                 owner.text() + ": its migrations did not end within database.migration-timeout = " +
                                     std::to_string(settings_.migrationTimeout.count()) +
                                     " ms, or another host is still at them; try again, or raise the timeout");
        }
    });
}

std::size_t MigrationRun::runAll(ConnectionPool::Loan& loan, const MigrationOwner& owner,
                                 const std::vector<Migration>& all, Deadline deadline) {
    std::size_t count = 0;
    for (int attempt = 1;; ++attempt) {
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
        if (rest.count() <= 0) throw databaseBusy();
        try {
            loan.allow(rest);
            if (!runNext(*loan, owner, all, deadline)) return count;
            ++count;
            attempt = 0;
        } catch (const ApiError&) {
            // A migration is a transaction like others, and is repeated like them, as long as there is time.
            if (!loan->conflicted()) throw;
            pauseAfterConflict(attempt);
        }
    }
}

void MigrationRun::lockOut(DatabaseConnection& connection, Deadline deadline) {
    // The server gives it back when the connection closes, as it does after allow(). SQLite's transactions are enough.
    const std::array<SqlValue, 1> key{lockKey};
    if (settings_.dialect == SqlDialect::PostgreSQL) connection.run("SELECT pg_advisory_lock($1)", key, deadline);
}

bool MigrationRun::runNext(DatabaseConnection& connection, const MigrationOwner& owner,
                           const std::vector<Migration>& all, Deadline deadline) {
    connection.begin(deadline);
    try {
        // Again, as another host may have run some meanwhile.
        const auto rest = pendingMigrations(all, applied(connection, owner, deadline), owner);
        if (rest.empty()) {
            connection.rollback();
            return false;
        }
        const auto& next = rest.front();
        try {
            connection.runScript(next.text, deadline);
        } catch (const SqlError& problem) {
            throw MigrationError("MIGRATION_FAILED", owner.text() + ": the migration " + next.name +
                                                         " failed, and nothing of it holds: " + saidOf(problem));
        }
        if (!connection.inTransaction())
            throw MigrationError("MIGRATION_FAILED", owner.text() + ": the migration " + next.name +
                                                         " ends its transaction; take COMMIT and ROLLBACK out of it");
        const std::array<SqlValue, 7> values{owner.id,
                                             std::int64_t{next.number},
                                             next.name,
                                             next.checksum,
                                             next.isCompatible,
                                             owner.version,
                                             sqlTime(std::chrono::system_clock::now())};
        connection.run(
            "INSERT INTO playhouse_migrations (plugin, number, name, checksum, compatible, version, applied_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values, deadline);
        connection.commit(deadline);
        Poco::Logger::get("database").information(owner.text() + ": applied the migration " + next.name);
        return true;
    } catch (...) {
        connection.rollback();
        throw;
    }
}

}  // namespace playhouse::host
