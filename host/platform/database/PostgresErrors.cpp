#include "PostgresErrors.h"

namespace playhouse::host {
namespace {

using Kind = SqlError::Kind;

Kind kindOf(std::string_view state) {
    if (state == "23505") return Kind::Unique;
    if (state == "23503") return Kind::ForeignKey;
    if (state == "23502") return Kind::NotNull;
    if (state == "23514") return Kind::Check;
    // Data exceptions, and statements that are wrong.
    if (state.starts_with("22") || state.starts_with("42") || state == "54000" || state == "54001" || state == "54011")
        return Kind::Invalid;
    return Kind::Other;
}

}  // namespace

std::string_view errorField(const PGresult* result, int field) noexcept {
    const char* text = PQresultErrorField(result, field);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

PostgresProblem problemOf(const PGresult* result) noexcept {
    const auto state = errorField(result, PG_DIAG_SQLSTATE);
    if (state == "40001" || state == "40P01") return PostgresProblem::Conflict;
    if (state == "57014" || state == "55P03") return PostgresProblem::Slow;
    if (state == "53100") return PostgresProblem::Full;
    // "cached plan must not change result type": of one state with much else, in a language of the server's.
    if (state == "0A000" && errorField(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery")
        return PostgresProblem::StalePlan;
    // A prepared statement that is not there: of a pooler between, or after DISCARD.
    if (state == "26000") return PostgresProblem::StalePlan;
    if (state == "25006") return PostgresProblem::ReadOnly;
    if (state == "42501") return PostgresProblem::Forbidden;
    if (state.starts_with("08") || state.starts_with("53") || state.starts_with("57P") || state.starts_with("58"))
        return PostgresProblem::Unavailable;
    return PostgresProblem::Refused;
}

SqlError refusalOf(const PGresult* result) {
    const auto kind = kindOf(errorField(result, PG_DIAG_SQLSTATE));
    std::string constraint(errorField(result, PG_DIAG_CONSTRAINT_NAME));
    if (kind == Kind::NotNull)
        constraint = std::string(errorField(result, PG_DIAG_TABLE_NAME)) + "." +
                     std::string(errorField(result, PG_DIAG_COLUMN_NAME));
    return {kind, std::string(errorField(result, PG_DIAG_MESSAGE_PRIMARY)), std::move(constraint)};
}

}  // namespace playhouse::host
