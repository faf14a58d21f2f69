#pragma once

#include <playhouse/ApiError.h>
#include <playhouse/Sql.h>

#include <stdexcept>

namespace playhouse::host {

/// 503 DATABASE_UNAVAILABLE: it cannot be reached.
ApiError databaseUnavailable();

/// 503 DATABASE_UNAVAILABLE: all connections are in use.
ApiError databaseOverloaded();

/// 503 DATABASE_BUSY: others are at the same rows, or a statement takes too long.
ApiError databaseBusy();

/// 507 STORAGE_FULL.
ApiError databaseFull();

/// 503 DATABASE_READ_ONLY: the file or the role may only read, or the server has become another's copy.
ApiError databaseReadOnly();

/// A statement for which the user of the database has not the right.
class RightMissing : public SqlError {
public:
    using SqlError::SqlError;
};

/// Why no connection could be opened, for the log.
class ConnectionRefused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace playhouse::host
