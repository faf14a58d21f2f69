#pragma once

#include "platform/database/HostDatabase.h"

#include <playhouse/ApiError.h>
#include <playhouse/Database.h>

#include <prometheus/registry.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace playhouse::tests {

/// An empty directory that goes with this.
class ScratchDirectory {
public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
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
    PostgresHome();
    host::DatabaseSettings settings() const;

    const std::string& name() const noexcept { return name_; }

    static constexpr bool isPostgres = true;

private:
    std::string name_;
};

/// A host's database, with its figures.
class TestDatabase {
public:
    explicit TestDatabase(const host::DatabaseSettings& settings)
        : registry_(std::make_shared<prometheus::Registry>()), database_(settings, *registry_) {}

    host::HostDatabase* operator->() noexcept { return &database_; }
    host::HostDatabase& operator*() noexcept { return database_; }

    /// A single statement.
    SqlResult run(const std::string& sql, std::initializer_list<SqlValue> parameters = {}) {
        return database_.use([&](SqlSession& session) { return session.run(sql, parameters); });
    }

    /// The value of a figure, summed over its labels.
    double figure(const std::string& name) const;

private:
    std::shared_ptr<prometheus::Registry> registry_;
    host::HostDatabase database_;
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

/// Whether `condition` holds within half a minute.
template <class Condition>
bool eventually(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        Poco::Thread::sleep(5);
    }
    return true;
}

}  // namespace playhouse::tests
