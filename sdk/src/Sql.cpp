#include <playhouse/Sql.h>

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace playhouse {
namespace {

using Time = std::chrono::system_clock::time_point;
using std::chrono::microseconds;

/// The number of exactly `digits` digits at `at`; throws std::invalid_argument.
int digitsAt(std::string_view text, std::size_t at, std::size_t digits) {
    int number = 0;
    if (at + digits > text.size()) throw std::invalid_argument("too short");
    for (const auto letter : text.substr(at, digits)) {
        if (letter < '0' || letter > '9') throw std::invalid_argument("no digit");
        number = number * 10 + (letter - '0');
    }
    return number;
}

void expect(std::string_view text, std::size_t at, char letter) {
    if (at >= text.size() || text[at] != letter) throw std::invalid_argument("another form");
}

microseconds fractionOf(std::string_view digits) {
    if (digits.empty()) return {};
    expect(digits, 0, '.');
    const auto count = digits.size() - 1;
    if (count < 1 || count > 6) throw std::invalid_argument("fraction");
    auto number = digitsAt(digits, 1, count);
    for (auto missing = count; missing < 6; ++missing) number *= 10;
    return microseconds(number);
}

Time parsedTime(std::string_view text) {
    using namespace std::chrono;
    // PostgreSQL's name of UTC, behind a time that knows its zone.
    if (text.ends_with("+00")) text.remove_suffix(3);
    expect(text, 4, '-');
    expect(text, 7, '-');
    expect(text, 10, ' ');
    expect(text, 13, ':');
    expect(text, 16, ':');
    const auto date = year(digitsAt(text, 0, 4)) / digitsAt(text, 5, 2) / digitsAt(text, 8, 2);
    const auto hour = digitsAt(text, 11, 2);
    const auto minute = digitsAt(text, 14, 2);
    const auto second = digitsAt(text, 17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) throw std::invalid_argument("no such time");
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + fractionOf(text.substr(19));
}

[[noreturn]] void throwOtherKind(std::string_view column, const SqlValue& value, const char* wanted) {
    static constexpr std::array kinds{"NULL", "true or false", "a whole number", "a number", "text"};
    throw std::invalid_argument("the column " + std::string(column) + " holds " + kinds.at(value.index()) + ", not " +
                                wanted);
}

}  // namespace

std::string sqlTime(Time time) {
    using namespace std::chrono;
    const auto exact = floor<microseconds>(time);
    const auto day = floor<days>(exact);
    const year_month_day date(day);
    const hh_mm_ss<microseconds> clock(exact - day);
    std::array<char, 64> text{};
    const auto size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d.%06d", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

Time timeOfSql(std::string_view text) {
    try {
        return parsedTime(text);
    } catch (const std::invalid_argument&) {
        throw std::invalid_argument("\"" + std::string(text) +
                                    "\" is not a time; one is written 2026-01-31 23:59:59.000250, in UTC");
    }
}

std::string uuidText() {
    std::array<unsigned char, 16> bytes{};
    // At most 256 bytes at once are never cut short (getrandom(2)).
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::system_error(errno, std::generic_category(), "no random numbers");
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        if (index == 4 || index == 6 || index == 8 || index == 10) text += '-';
        text += digits[bytes[index] >> 4];
        text += digits[bytes[index] & 0x0F];
    }
    return text;
}

bool isUuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const bool isDash = index == 8 || index == 13 || index == 18 || index == 23;
        if (isDash ? text[index] != '-' : std::isxdigit(static_cast<unsigned char>(text[index])) == 0) return false;
    }
    return true;
}

const SqlValue& SqlResult::Row::value(std::string_view column) const {
    const auto& columns = result_.columns_;
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end()) throw std::out_of_range("the result has no column " + std::string(column));
    return result_.values_[index_ * columns.size() + static_cast<std::size_t>(found - columns.begin())];
}

bool SqlResult::Row::isNull(std::string_view column) const {
    return std::holds_alternative<std::monostate>(value(column));
}

const std::string& SqlResult::Row::text(std::string_view column) const {
    const auto& held = value(column);
    if (const auto* text = std::get_if<std::string>(&held)) return *text;
    throwOtherKind(column, held, "text");
}

std::int64_t SqlResult::Row::integer(std::string_view column) const {
    const auto& held = value(column);
    if (const auto* number = std::get_if<std::int64_t>(&held)) return *number;
    throwOtherKind(column, held, "a whole number");
}

double SqlResult::Row::real(std::string_view column) const {
    const auto& held = value(column);
    if (const auto* number = std::get_if<double>(&held)) return *number;
    if (const auto* whole = std::get_if<std::int64_t>(&held)) return static_cast<double>(*whole);
    throwOtherKind(column, held, "a number");
}

bool SqlResult::Row::flag(std::string_view column) const {
    const auto& held = value(column);
    if (const auto* flag = std::get_if<bool>(&held)) return *flag;
    // SQLite has no kind of its own for them.
    if (const auto* number = std::get_if<std::int64_t>(&held); number && (*number == 0 || *number == 1))
        return *number == 1;
    throwOtherKind(column, held, "true or false");
}

Time SqlResult::Row::time(std::string_view column) const {
    const auto& written = text(column);
    try {
        return timeOfSql(written);
    } catch (const std::invalid_argument& problem) {
        throw std::invalid_argument("the column " + std::string(column) + ": " + problem.what());
    }
}

std::optional<std::string> SqlResult::Row::optionalText(std::string_view column) const {
    return isNull(column) ? std::nullopt : std::optional(text(column));
}

std::optional<std::int64_t> SqlResult::Row::optionalInteger(std::string_view column) const {
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<Time> SqlResult::Row::optionalTime(std::string_view column) const {
    return isNull(column) ? std::nullopt : std::optional(time(column));
}

SqlResult::SqlResult(std::vector<std::string> columns, std::vector<SqlValue> values, std::uint64_t affected)
    : columns_(std::move(columns)), values_(std::move(values)), affected_(affected) {
    if (columns_.empty() ? !values_.empty() : values_.size() % columns_.size() != 0)
        throw std::invalid_argument("a result has a value for each column of each row");
}

SqlResult::Row SqlResult::operator[](std::size_t index) const {
    if (index >= size())
        throw std::out_of_range("the result has " + std::to_string(size()) + " rows, and no row " +
                                std::to_string(index));
    return {*this, index};
}

SqlError::SqlError(Kind kind, const std::string& message, std::string constraint)
    : std::runtime_error(message), kind_(kind), constraint_(std::move(constraint)) {}

SqlError::~SqlError() = default;

bool SqlError::isDuplicate(std::string_view table, std::string_view column) const noexcept {
    if (kind_ != Kind::Unique || constraint_.size() < table.size() + 1 + column.size()) return false;
    const std::string_view name = constraint_;
    if (!name.starts_with(table) || !name.substr(table.size() + 1).starts_with(column)) return false;
    const auto rest = name.substr(table.size() + 1 + column.size());
    return (name[table.size()] == '.' && rest.empty()) || (name[table.size()] == '_' && rest == "_key");
}

}  // namespace playhouse
