#pragma once

#include <playhouse/Migrations.h>
#include <playhouse/Sql.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse::host {

/// One of a plugin's migrations, for one database.
struct Migration {
    int number = 0;
    std::string name;  ///< of the file: "0003_devices.sql"
    std::string text;
    std::string checksum;  ///< SHA-256 of the text, in hexadecimal
    bool isCompatible = true;
    bool isUnclear = false;  ///< whether it is compatible: its comment speaks of it in no known form
};

/// One that the database has seen.
struct AppliedMigration {
    int number = 0;
    std::string name;
    std::string checksum;
    bool isCompatible = true;
    std::string version;  ///< of the plugin that brought it
};

/// Why a plugin cannot work on the database. The message is for the operator: it names plugin, migration, and what to
/// do. Codes: MIGRATION_REFUSED (the database has seen others than the plugin has), DATABASE_TOO_NEW (for this version
/// of the plugin), MIGRATION_FAILED, MIGRATION_TIMEOUT, and those of DatabaseErrors.h.
class MigrationError : public std::runtime_error {
public:
    MigrationError(std::string code, const std::string& message)
        : std::runtime_error(message), code_(std::move(code)) {}

    const std::string& code() const noexcept { return code_; }

private:
    std::string code_;
};

/// Whose migrations they are, for messages and for the table of those that were applied.
struct MigrationOwner {
    std::string id;       ///< of the plugin; empty: the host's own
    std::string version;  ///< of it

    std::string text() const;  ///< "plugin \"chat\" 1.2.0"
};

/// Those of `embedded` that are for `dialect`, by number. Throws MigrationError MIGRATION_REFUSED for a malformed name
/// or a number that is there twice.
std::vector<Migration> migrationsOf(const EmbeddedMigrations* embedded, SqlDialect dialect,
                                    const MigrationOwner& owner);

/// What is still to be run of `all`, in order. Throws MigrationError MIGRATION_REFUSED when one that was applied is
/// another now, is gone, or would come after a later one, and when it is unclear whether one is compatible;
/// DATABASE_TOO_NEW when one was applied that this version does not know and cannot work with.
std::vector<Migration> pendingMigrations(const std::vector<Migration>& all,
                                         const std::vector<AppliedMigration>& applied, const MigrationOwner& owner);

}  // namespace playhouse::host
