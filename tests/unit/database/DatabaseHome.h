#pragma once

#include "../../fixtures/Eventually.h"

#include "platform/database/HostDatabase.h"

#include <playhouse/ApiError.h>
#include <playhouse/Database.h>

#include <prometheus/registry.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace playhouse::tests {

/// An empty directory that goes with this.
class ScratchDirectory {
public:
    ScratchDirectory() = default;
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    /// Made when it is first asked for.
    const std::filesystem::path& path() const;

private:
    mutable std::filesystem::path path_;
};

/// An empty database, of which hosts can be made.
class SqliteHome {
public:
    host::DatabaseSettings settings() const;

    static constexpr bool isPostgres = false;

private:
    ScratchDirectory directory_;
};

class PostgresHome {
public:
    host::DatabaseSettings settings() const;

    const std::string& name() const;

    static constexpr bool isPostgres = true;

private:
    mutable std::string name_;
};

/// A host's database, with its figures; made when it is first used, as CppUnit makes all fixtures before any test.
class TestDatabase {
public:
    explicit TestDatabase(host::DatabaseSettings settings)
        : TestDatabase([settings = std::move(settings)] { return settings; }) {}
    explicit TestDatabase(std::function<host::DatabaseSettings()> settings) : settings_(std::move(settings)) {}

    host::HostDatabase* operator->() { return &**this; }
    host::HostDatabase& operator*();

    /// A single statement.
    SqlResult run(const std::string& sql, std::initializer_list<SqlValue> parameters = {}) {
        return (*this)->use([&](SqlSession& session) { return session.run(sql, parameters); });
    }

    /// The value of a figure, summed over its labels.
    double figure(const std::string& name) const;

private:
    std::function<host::DatabaseSettings()> settings_;
    std::once_flag made_;
    std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
    std::unique_ptr<host::HostDatabase> database_;
};

/// "503 DATABASE_BUSY" when `action` throws that ApiError; "none" when it throws nothing.
template <class Action>
std::string answerOf(const Action& action) {
    try {
        action();
    } catch (const ApiError& error) {
        return std::to_string(error.status()) + " " + error.code();
    }
    return "none";
}

/// The kind and the constraint of the SqlError that `action` throws: "0 users.email"; "none" when it throws nothing.
template <class Action>
std::string sqlErrorOf(const Action& action) {
    try {
        action();
    } catch (const SqlError& error) {
        return std::to_string(static_cast<int>(error.kind())) + " " + error.constraint();
    }
    return "none";
}

}  // namespace playhouse::tests
