#pragma once

#include <playhouse/Sql.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace playhouse::host {

/// Which database there is, and how much of it is used at once.
struct DatabaseSettings {
    SqlDialect dialect = SqlDialect::SQLite;
    std::filesystem::path file;  ///< of SQLite

    /// Of libpq (PostgreSQL, "Parameter Key Words"): "host", "user", "password", "sslmode", ...
    std::map<std::string, std::string> parameters{};

    /// `database.sessions`: connections at most.
    std::size_t sessions = 16;

    /// `database.patience`: for a connection to be free, and for each statement to be answered.
    std::chrono::milliseconds patience{1'500};

    /// `database.migration-timeout`: for all migrations of a plugin.
    std::chrono::milliseconds migrationTimeout{60'000};
};

/// Where it is, for logs, without a secret: "PostgreSQL database app at db:5432", "SQLite file /srv/playhouse.db".
std::string describe(const DatabaseSettings& settings);

}  // namespace playhouse::host
