#pragma once

#include <playhouse/Sql.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::sql {

/// Throws SqlError Invalid for a value that not both databases take as it is: text that is no UTF-8 or holds a NUL, and
/// a number that is none.
void checkValues(std::span<const SqlValue> values);

/// Throws std::invalid_argument unless there are columns, and each row has a value for each; SqlError as checkValues().
void checkRows(std::span<const std::string> columns, std::span<const std::vector<SqlValue>> rows);

/// The name of a table or a column as it stands in a statement, quoted, so that it may be a word of SQL too. Throws
/// std::invalid_argument for one that is not made of a-z, 0-9 and "_" (A-Z become small, as PostgreSQL has it).
std::string quotedName(std::string_view name);

/// Those of all columns, separated by commas.
std::string quotedNames(std::span<const std::string> names);

std::string inSmallLetters(std::string_view name);

}  // namespace playhouse::sql
