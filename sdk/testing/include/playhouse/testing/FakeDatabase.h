#pragma once

#include <playhouse/Database.h>
#include <playhouse/Migrations.h>

#include <memory>
#include <string>

namespace playhouse::testing {

/// A real database, SQLite in memory, with the tables that the platform itself makes (users, videos, ...). Safe from
/// any thread; one piece of work after the other. A transaction of which a statement has failed does not hold, as on
/// the host, even when the work caught what it threw.
class FakeDatabase final : public Database {
public:
    FakeDatabase();
    ~FakeDatabase() override;

    SqlDialect dialect() const noexcept override { return SqlDialect::SQLite; }

    /// Runs those of SQLite that have not run here yet, in order; none for null. Throws std::runtime_error that names
    /// the one that failed.
    void migrate(const EmbeddedMigrations* migrations);

    /// Runs a file's text: for tests that bring their own tables. Throws std::runtime_error.
    void runScript(const std::string& sql);

    /// From now on every use throws ApiError 503 DATABASE_UNAVAILABLE, until it is set to true again.
    void setReachable(bool reachable);

    /// Uses what `other` holds from now on.
    void share(const FakeDatabase& other);

protected:
    void run(Mode mode, const std::function<void(SqlSession&)>& work) override;

private:
    class Session;
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace playhouse::testing
