#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace playhouse {

/// The databases that one SQL is written for.
enum class SqlDialect { SQLite, PostgreSQL };

/// A parameter of a statement, or a value in a row. std::monostate is NULL.
///
/// What has no kind of its own goes as text, in the form that both databases take: a UUID as uuidText() makes it, JSON
/// as it is written, a time as sqlTime() makes it.
using SqlValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

/// A time as both databases write it, in UTC and to the microsecond: "2026-01-31 23:59:59.000250". Such texts sort as
/// the times do.
std::string sqlTime(std::chrono::system_clock::time_point time);

/// The time that such a text means; with fewer digits or none behind the second too. Throws std::invalid_argument.
std::chrono::system_clock::time_point timeOfSql(std::string_view text);

/// A new random UUID (RFC 9562 section 5.4, version 4): "f81d4fae-7dec-41d0-a765-00a0c91e6bf6". Any thread.
std::string uuidText();

/// Whether `text` has the form of a UUID, in small or capital letters. PostgreSQL refuses a statement with another text
/// for a UUID: look before you ask.
bool isUuid(std::string_view text) noexcept;

/// What a statement has found, in memory: the rows with the names of their columns.
class SqlResult {
public:
    /// One row. Valid as long as the result.
    ///
    /// Columns go by their name in small letters. Each throws std::out_of_range for a name that the result does not
    /// have, and std::invalid_argument, naming the column, when it holds NULL or what is not of that kind.
    class Row {
    public:
        bool isNull(std::string_view column) const;
        const std::string& text(std::string_view column) const;
        std::int64_t integer(std::string_view column) const;
        double real(std::string_view column) const;
        bool flag(std::string_view column) const;
        std::chrono::system_clock::time_point time(std::string_view column) const;

        /// Absent for NULL.
        std::optional<std::string> optionalText(std::string_view column) const;
        std::optional<std::int64_t> optionalInteger(std::string_view column) const;
        std::optional<std::chrono::system_clock::time_point> optionalTime(std::string_view column) const;

    private:
        friend class SqlResult;
        Row(const SqlResult& result, std::size_t index) : result_(result), index_(index) {}
        const SqlValue& value(std::string_view column) const;

        const SqlResult& result_;
        std::size_t index_;
    };

    SqlResult() = default;

    /// For the host, and for tests that answer in its place. `values`: row by row.
    SqlResult(std::vector<std::string> columns, std::vector<SqlValue> values, std::uint64_t affected);

    std::size_t size() const noexcept { return columns_.empty() ? 0 : values_.size() / columns_.size(); }
    bool empty() const noexcept { return size() == 0; }

    /// Throws std::out_of_range.
    Row operator[](std::size_t index) const;

    const std::vector<std::string>& columns() const noexcept { return columns_; }

    /// Rows that were inserted, changed or deleted.
    std::uint64_t affected() const noexcept { return affected_; }

private:
    std::vector<std::string> columns_;
    std::vector<SqlValue> values_;
    std::uint64_t affected_ = 0;
};

/// A statement that the database has refused. One that could not be asked at all is an ApiError (Database.h).
class SqlError : public std::runtime_error {
public:
    enum class Kind {
        Unique,      ///< another row has the value
        ForeignKey,  ///< a row that is referred to is missing, or still referred to
        NotNull,
        Check,
        Invalid,  ///< the statement, or a value for its column
        Other,
    };

    /// @param constraint  what was violated, as the database names it: "users.email" or "users_email_key"; else empty
    SqlError(Kind kind, const std::string& message, std::string constraint = {});
    ~SqlError() override;

    Kind kind() const noexcept { return kind_; }
    const std::string& constraint() const noexcept { return constraint_; }

    /// Whether a second row with the same value in `column` of `table` was refused. The constraint has PostgreSQL's own
    /// name then, TABLE_COLUMN_key, which a unique index is to be given too.
    bool isDuplicate(std::string_view table, std::string_view column) const noexcept;

private:
    Kind kind_;
    std::string constraint_;
};

}  // namespace playhouse
