#pragma once

#include <string>

/// Where a server of a test keeps what it knows.
struct Backends {
    std::string databaseUrl;  ///< empty: SQLite in its storage
    std::string redisUrl;     ///< empty: its own memory
};

/// SQLite and memory.
inline Backends embeddedBackends() {
    return {};
}

/// New ones, empty, of the kind that this run of the tests is for: PLAYHOUSE_TEST_BACKENDS is "embedded", which is the
/// default, or "shared" for a database of PostgreSQL and one of Redis, whose servers belong to this program and end
/// with it. On the main thread.
Backends backendsOfThisRun();
