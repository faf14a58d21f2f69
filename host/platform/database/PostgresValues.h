#pragma once

#include "PostgresErrors.h"

#include <playhouse/Sql.h>

#include <span>
#include <string>
#include <vector>

namespace playhouse::host {

/// Values as libpq takes them: as text. Valid as long as the values.
class PostgresParameters {
public:
    explicit PostgresParameters(std::span<const SqlValue> values);

    int count() const noexcept { return static_cast<int>(texts_.size()); }
    const char* const* texts() const noexcept { return texts_.data(); }

private:
    std::vector<std::string> written_;
    std::vector<const char*> texts_;
};

/// What a statement has found.
SqlResult resultOf(const PGresult* result);

/// Appends a row in the text format of COPY.
void appendCopyRow(std::string& text, std::span<const SqlValue> row);

}  // namespace playhouse::host
