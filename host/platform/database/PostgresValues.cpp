#include "PostgresValues.h"

#include <SqlChecks.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace playhouse::host {
namespace {

// Of the types that have a kind of their own (pg_type.dat); they are the same in every database.
constexpr Oid boolOid = 16, int8Oid = 20, int2Oid = 21, int4Oid = 23, oidOid = 26, float4Oid = 700, float8Oid = 701,
              numericOid = 1700;

template <class Number>
std::string numberText(Number number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    return {text.data(), end};
}

/// Of what is not text and not NULL.
std::string textOf(const SqlValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "t" : "f";
    if (const auto* number = std::get_if<std::int64_t>(&value)) return numberText(*number);
    return numberText(std::get<double>(value));
}

/// Of sums and averages, mostly: a number as SQLite has it, but for whole ones that are too large for it.
SqlValue numericOf(std::string_view text) {
    const auto* const end = text.data() + text.size();
    std::int64_t whole = 0;
    if (const auto [parsed, error] = std::from_chars(text.data(), end, whole); error == std::errc() && parsed == end)
        return whole;
    if (text.find('.') == std::string_view::npos && text.find_first_of("0123456789") != std::string_view::npos)
        return std::string(text);
    double number = 0;
    return std::from_chars(text.data(), end, number).ec == std::errc() ? SqlValue(number) : std::string(text);
}

SqlValue valueOf(Oid type, std::string_view text) {
    switch (type) {
        case boolOid:
            return text == "t";
        case int2Oid:
        case int4Oid:
        case int8Oid:
        case oidOid: {
            std::int64_t number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            return number;
        }
        case float4Oid:
        case float8Oid: {
            double number = 0;
            // Knows NaN and Infinity too.
            std::from_chars(text.data(), text.data() + text.size(), number);
            return number;
        }
        case numericOid:
            return numericOf(text);
        default:
            return std::string(text);
    }
}

/// COPY alone tells how many rows it has taken in another way.
bool changesRows(std::string_view command) {
    return command.starts_with("INSERT") || command.starts_with("UPDATE") || command.starts_with("DELETE") ||
           command.starts_with("MERGE");
}

}  // namespace

PostgresParameters::PostgresParameters(std::span<const SqlValue> values) {
    written_.reserve(values.size());
    texts_.reserve(values.size());
    for (const auto& value : values) {
        if (std::holds_alternative<std::monostate>(value))
            texts_.push_back(nullptr);
        else if (const auto* text = std::get_if<std::string>(&value))
            texts_.push_back(text->c_str());
        else
            texts_.push_back(written_.emplace_back(textOf(value)).c_str());
    }
}

SqlResult resultOf(const PGresult* result) {
    std::vector<std::string> columns;
    const int count = PQnfields(result);
    for (int column = 0; column < count; ++column) columns.push_back(sql::inSmallLetters(PQfname(result, column)));
    const int rows = PQntuples(result);
    std::vector<SqlValue> values;
    values.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(count));
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < count; ++column) {
            if (PQgetisnull(result, row, column) != 0) {
                values.emplace_back(std::monostate());
                continue;
            }
            const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
            values.push_back(valueOf(PQftype(result, column), {PQgetvalue(result, row, column), size}));
        }
    }
    auto* own = const_cast<PGresult*>(result);  // libpq's signature: it changes nothing
    const auto affected = changesRows(PQcmdStatus(own)) ? std::strtoull(PQcmdTuples(own), nullptr, 10) : 0;
    return {std::move(columns), std::move(values), affected};
}

void appendCopyRow(std::string& text, std::span<const SqlValue> row) {
    bool isFirst = true;
    for (const auto& value : row) {
        if (!std::exchange(isFirst, false)) text += '\t';
        if (std::holds_alternative<std::monostate>(value)) {
            text += "\\N";
        } else if (const auto* written = std::get_if<std::string>(&value)) {
            for (const auto letter : *written) {
                switch (letter) {
                    case '\\':
                        text += "\\\\";
                        break;
                    case '\t':
                        text += "\\t";
                        break;
                    case '\n':
                        text += "\\n";
                        break;
                    case '\r':
                        text += "\\r";
                        break;
                    default:
                        text += letter;
                }
            }
        } else {
            text += textOf(value);
        }
    }
    text += '\n';
}

}  // namespace playhouse::host
