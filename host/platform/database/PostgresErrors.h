#pragma once

#include <playhouse/Sql.h>

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

namespace playhouse::host {

struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

/// What a SQLSTATE (PostgreSQL, "Error Codes") means for who asked.
enum class PostgresProblem {
    Refused,      ///< the statement: SqlError
    Conflict,     ///< the same again would do
    Slow,         ///< it was ended for its time
    Full,         ///< no space left
    ReadOnly,     ///< of the role, or as what was the first server has become another's copy
    Forbidden,    ///< the user has not the right
    Unavailable,  ///< the server ends, starts, or has no room for another connection
    StalePlan,    ///< a kept statement was prepared before the tables changed
};

/// Of a failed result.
PostgresProblem problemOf(const PGresult* result) noexcept;

/// Of a failed result, whose problem is Refused or Forbidden.
SqlError refusalOf(const PGresult* result);

/// A field of a failed result; empty when it has none.
std::string_view errorField(const PGresult* result, int field) noexcept;

}  // namespace playhouse::host
