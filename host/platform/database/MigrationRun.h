#pragma once

#include "ConnectionPool.h"
#include "DatabaseSettings.h"
#include "Migrations.h"

#include <mutex>
#include <string>
#include <vector>

namespace playhouse::host {

/// Brings tables up to date, once for all hosts on one database. Any thread; one run at a time in this process.
class MigrationRun {
public:
    /// What is given must outlive this.
    MigrationRun(ConnectionPool& pool, const DatabaseSettings& settings) : pool_(pool), settings_(settings) {}

    /// Which of these are still to be run; changes nothing. Throws MigrationError.
    std::vector<Migration> pending(const MigrationOwner& owner, const EmbeddedMigrations* embedded);

    /// Runs them, each in a transaction, and returns how many. Throws MigrationError; those before the one that failed
    /// hold.
    std::size_t run(const MigrationOwner& owner, const EmbeddedMigrations* embedded);

private:
    using Deadline = DatabaseConnection::Deadline;

    template <class Work>
    auto told(const MigrationOwner& owner, const Work& work) -> decltype(work());
    std::string saidOf(const SqlError& problem) const;
    std::vector<AppliedMigration> applied(DatabaseConnection& connection, const MigrationOwner& owner,
                                          Deadline deadline);
    void lockOut(DatabaseConnection& connection, Deadline deadline);
    std::size_t runAll(ConnectionPool::Loan& loan, const MigrationOwner& owner, const std::vector<Migration>& all,
                       Deadline deadline);
    bool runNext(DatabaseConnection& connection, const MigrationOwner& owner, const std::vector<Migration>& all,
                 Deadline deadline);

    ConnectionPool& pool_;
    const DatabaseSettings& settings_;
    std::mutex running_;
};

}  // namespace playhouse::host
