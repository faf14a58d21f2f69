#include "SettingsTables.h"

namespace playhouse::host {
namespace {

using Kind = SettingKind;

}  // namespace

std::vector<SettingDescription> dataSettings() {
    return {
        {.key = "database.url",
         .kind = Kind::Text,
         .fallback = "",
         .meaning =
             "Where plugins' tables are: postgresql://user:password@host:5432/name, which several hosts may share, "
             "with "
             "?sslmode=verify-full and other parameters of libpq as needed; or sqlite:///srv/playhouse.db. Empty: the "
             "SQLite file playhouse.db in storage.path. Special characters of a password are written %40 and the like; "
             "keep it in the environment, or in a file that only the server reads.",
         .environmentVariable = "DATABASE_URL",
         .needsRestart = true},
        {.key = "database.sessions",
         .kind = Kind::Integer,
         .fallback = "16",
         .meaning = "Connections at most, opened when they are needed. As many as workers.threads, so that no worker "
                    "waits for one; PostgreSQL's max_connections must hold those of all hosts.",
         .unit = "connections",
         .least = 2,
         .most = 1000,
         .needsRestart = true},
        {.key = "database.patience",
         .kind = Kind::Duration,
         .fallback = "1500 ms",
         .meaning = "For a connection to be free, and for each statement to be answered; then the request gets 503. "
                    "Longer where plugins ask long questions, shorter where a late answer is of no use.",
         .least = 100,
         .needsRestart = true},
        {.key = "database.migration-timeout",
         .kind = Kind::Duration,
         .fallback = "60 s",
         .meaning = "For a plugin's changes to its tables when it starts, beside swap.start-timeout; longer when large "
                    "tables are rebuilt. A swap to a version that needs it holds requests for that long at most.",
         .least = 1000,
         .needsRestart = true},
    };
}

}  // namespace playhouse::host
