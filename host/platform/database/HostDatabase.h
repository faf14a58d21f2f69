#pragma once

#include "ConnectionPool.h"
#include "DatabaseFigures.h"
#include "DatabaseSettings.h"
#include "MigrationRun.h"
#include "SoleTurn.h"

#include <playhouse/Database.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

namespace playhouse::host {

/// The database of the platform, which all plugins share: Database says what it does. Any thread.
///
/// Opens nothing before it is asked. The host's own tables are made before anything else is done, as soon as that can
/// be.
class HostDatabase final : public Database {
public:
    /// `figures` must outlive this.
    HostDatabase(DatabaseSettings settings, prometheus::Registry& figures);

    SqlDialect dialect() const noexcept override { return settings_.dialect; }

    const DatabaseSettings& settings() const noexcept { return settings_; }

    /// Makes the host's own tables. Throws MigrationError; it is tried again when the database is used.
    void prepare();

    /// Whether a plugin has migrations to be run here before it starts, and whether one of them is incompatible with
    /// the versions before. Throws MigrationError when it cannot work on this database; changes nothing. A plugin
    /// without migrations needs nothing of a database that cannot be reached.
    enum class Need { Nothing, Migrations, IncompatibleMigrations };
    Need needOf(const MigrationOwner& owner, const EmbeddedMigrations* migrations);

    /// Runs them. Throws MigrationError.
    void migrate(const MigrationOwner& owner, const EmbeddedMigrations* migrations);

    /// False once it could not be reached, until it can be again.
    bool isUp() const { return pool_.state().isUp; }

    ConnectionPool::State state() const { return pool_.state(); }

    /// Brings the figures that are states up to date.
    void refreshFigures() { figures_.setState(pool_.state()); }

protected:
    void run(Mode mode, const std::function<void(SqlSession&)>& work) override;

private:
    class LentSession;

    void tellOnce(const MigrationError& problem);
    ConnectionPool::Loan lend(DatabaseConnection::Deadline deadline);
    void inTransaction(DatabaseConnection& connection, LentSession& session,
                       const std::function<void(SqlSession&)>& work);

    const DatabaseSettings settings_;
    DatabaseFigures figures_;
    ConnectionPool pool_;
    MigrationRun migrations_;
    SoleTurn preparing_;
    std::atomic<bool> isPrepared_{false};
    std::mutex toldMutex_;
    std::string told_;  ///< why the host's own tables could not be made, as it was logged last
};

}  // namespace playhouse::host
