#include "SqlChecks.h"

#include <playhouse/Utf8.h>

#include <cmath>
#include <stdexcept>

namespace playhouse::sql {
namespace {

constexpr std::size_t longestName = 63;  // PostgreSQL cuts longer ones short without a word

SqlError invalid(std::size_t index, const char* why) {
    return {SqlError::Kind::Invalid, "the value of $" + std::to_string(index + 1) + why};
}

}  // namespace

void checkValues(std::span<const SqlValue> values) {
    for (std::size_t index = 0; index < values.size(); ++index) {
        if (const auto* text = std::get_if<std::string>(&values[index])) {
            if (text->find('\0') != std::string::npos)
                throw invalid(index, " holds the character NUL, which no text in a database may");
            if (!isUtf8(*text)) throw invalid(index, " is not UTF-8");
        } else if (const auto* number = std::get_if<double>(&values[index]); number && !std::isfinite(*number)) {
            throw invalid(index, " is not a finite number");
        }
    }
}

void checkRows(std::span<const std::string> columns, std::span<const std::vector<SqlValue>> rows) {
    if (columns.empty()) throw std::invalid_argument("rows without columns cannot be inserted");
    for (std::size_t index = 0; index < rows.size(); ++index) {
        if (rows[index].size() != columns.size())
            throw std::invalid_argument("row " + std::to_string(index) + " has " + std::to_string(rows[index].size()) +
                                        " values for " + std::to_string(columns.size()) + " columns");
        checkValues(rows[index]);
    }
}

std::string inSmallLetters(std::string_view name) {
    std::string small(name);
    for (auto& letter : small)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return small;
}

std::string quotedName(std::string_view name) {
    auto small = inSmallLetters(name);
    const auto isPart = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
    };
    bool isName = !small.empty() && small.size() <= longestName && (small[0] < '0' || small[0] > '9');
    for (const auto letter : small) isName = isName && isPart(letter);
    if (!isName)
        throw std::invalid_argument("\"" + asUtf8(std::string(name)) +
                                    "\" is no name of a table or a column: it takes a-z, 0-9 and _, 63 at most");
    return '"' + small + '"';
}

std::string quotedNames(std::span<const std::string> names) {
    std::string all;
    for (const auto& name : names) all += (all.empty() ? "" : ", ") + quotedName(name);
    return all;
}

}  // namespace playhouse::sql
