#pragma once

#include "AccountStore.h"
#include "configuration/DatabaseUrl.h"
#include "platform/database/HostDatabase.h"

#include <playhouse/ApiError.h>
#include <playhouse/Migrations.h>
#include <playhouse/testing/FakeClock.h>
#include <playhouse/testing/FakeDatabase.h>

#include <PostgresServer.h>

#include <prometheus/registry.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

namespace playhouse {
extern const EmbeddedMigrations authMigrations;
}

namespace playhouse::tests {

/// The plugin's tables in SQLite, made when they are first asked for.
class SqliteAccounts {
public:
    Database& database() {
        if (!database_) {
            database_ = std::make_unique<testing::FakeDatabase>();
            database_->migrate(&authMigrations);
        }
        return *database_;
    }

private:
    std::unique_ptr<testing::FakeDatabase> database_;
};

/// The same in a PostgreSQL server's new database. Not before a test asks: CppUnit makes all fixtures at once.
class PostgresAccounts {
public:
    Database& database() {
        if (!database_) {
            auto& server = PostgresServer::shared();
            auto settings = host::databaseOf(server.url(server.makeDatabase()), "/");
            settings.patience = std::chrono::seconds(20);
            database_ = std::make_unique<host::HostDatabase>(settings, figures_);
            database_->migrate({"auth", "1.0.0"}, &authMigrations);
        }
        return *database_;
    }

private:
    prometheus::Registry figures_;
    std::unique_ptr<host::HostDatabase> database_;
};

inline auth::Account accountNamed(const std::string& name) {
    auth::Account account;
    account.id = uuidText();
    account.email = name + "@example.org";
    account.username = name;
    account.passwordHash = "hash";
    account.tier = "free";
    account.createdAt = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31);
    return account;
}

/// The code of the ApiError that `action` throws; "none" for none.
template <class Action>
std::string codeOf(const Action& action) {
    try {
        action();
    } catch (const ApiError& error) {
        return std::to_string(error.status()) + " " + error.code();
    }
    return "none";
}

/// What 8 threads get that do `action` at once.
template <class Action>
std::vector<std::string> codesOfEight(const Action& action) {
    std::promise<void> start;
    const auto started = start.get_future().share();
    std::vector<std::future<std::string>> threads;
    for (int index = 0; index < 8; ++index)
        threads.push_back(std::async(std::launch::async, [&] {
            started.wait();
            return codeOf(action);
        }));
    start.set_value();
    std::vector<std::string> codes;
    for (auto& thread : threads) codes.push_back(thread.get());
    return codes;
}

}  // namespace playhouse::tests
