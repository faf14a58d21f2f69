#include "SqliteStatements.h"

#include "SqlChecks.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace playhouse::sql {
namespace {

using Kind = SqlError::Kind;

/// A kept statement lets go of its rows and its locks when the run is over, however it ends.
class Run {
public:
    explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() {
        sqlite3_reset(statement_);
        // The values that are bound are the caller's.
        sqlite3_clear_bindings(statement_);
    }

private:
    sqlite3_stmt* statement_;
};

std::string_view after(std::string_view text, std::string_view beginning) {
    return text.starts_with(beginning) ? text.substr(beginning.size()) : std::string_view();
}

/// "users.email" of "UNIQUE constraint failed: users.email", "an_index" of "... failed: index 'an_index'".
std::string constraintOf(std::string_view message) {
    const auto colon = message.find("constraint failed: ");
    if (colon == std::string_view::npos) return {};
    auto name = message.substr(colon + 19);
    if (const auto index = after(name, "index '"); !index.empty()) name = index.substr(0, index.rfind('\''));
    return std::string(name);
}

Kind kindOf(int extendedCode) {
    switch (extendedCode) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return Kind::Unique;
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return Kind::ForeignKey;
        case SQLITE_CONSTRAINT_NOTNULL:
            return Kind::NotNull;
        case SQLITE_CONSTRAINT_CHECK:
            return Kind::Check;
        case SQLITE_CONSTRAINT_DATATYPE:
            return Kind::Invalid;
        default:
            return Kind::Other;
    }
}

bool isOnlySpaceAndComments(std::string_view text) {
    while (!text.empty()) {
        if (text.find_first_of(" \t\r\n;") == 0) {
            text.remove_prefix(1);
        } else if (text.starts_with("--")) {
            text.remove_prefix(std::min(text.find('\n'), text.size()));
        } else if (text.starts_with("/*")) {
            const auto end = text.find("*/", 2);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        } else {
            return false;
        }
    }
    return true;
}

/// N of "$N".
std::size_t numberOf(const char* name) {
    const std::string_view text = name == nullptr ? "?" : name;
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data() + 1, end, number);
    if (text[0] != '$' || error != std::errc() || parsed != end || number == 0)
        throw std::invalid_argument("the parameter " + std::string(text) +
                                    " of a statement is not one of $1, $2, ..., as parameters are written here");
    return number;
}

SqlValue valueAt(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return std::monostate();
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, column);
        default: {
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return bytes == nullptr ? std::string() : std::string(bytes, size);
        }
    }
}

int bindOne(sqlite3_stmt* statement, int at, const SqlValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return sqlite3_bind_int(statement, at, *flag ? 1 : 0);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, at, *number);
    if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, at, *real);
    if (const auto* text = std::get_if<std::string>(&value))
        return sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_null(statement, at);
}

}  // namespace

void SqliteStatements::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

SqliteStatements::SqliteStatements(sqlite3* database, std::size_t mostKept)
    : database_(database), mostKept_(std::max<std::size_t>(mostKept, 1)) {
    sqlite3_extended_result_codes(database_, 1);
}

SqliteStatements::~SqliteStatements() = default;

SqlResult SqliteStatements::run(std::string_view sql, std::span<const SqlValue> parameters) {
    const auto& kept = prepared(sql);
    checkValues(parameters);
    const Run run(kept.statement.get());
    bind(kept, parameters);
    return rows(kept.statement.get());
}

SqlResult SqliteStatements::rows(sqlite3_stmt* statement) {
    const auto changesBefore = sqlite3_total_changes64(database_);
    std::vector<std::string> columns;
    std::vector<SqlValue> values;
    int step = sqlite3_step(statement);
    // After the first step: SQLite prepares a statement anew when the tables have changed.
    const auto count = sqlite3_column_count(statement);
    for (int column = 0; column < count; ++column)
        columns.push_back(inSmallLetters(sqlite3_column_name(statement, column)));
    for (; step == SQLITE_ROW; step = sqlite3_step(statement))
        for (int column = 0; column < count; ++column) values.push_back(valueAt(statement, column));
    if (step != SQLITE_DONE) throwProblem();
    // What the statement before has changed is still told after one that changes nothing.
    const bool changed = sqlite3_total_changes64(database_) != changesBefore;
    const auto affected = changed ? sqlite3_changes64(database_) : 0;
    return {std::move(columns), std::move(values), static_cast<std::uint64_t>(affected)};
}

void SqliteStatements::insert(std::string_view table, std::span<const std::string> columns,
                              std::span<const std::vector<SqlValue>> rowsToInsert) {
    checkRows(columns, rowsToInsert);
    auto sql = "INSERT INTO " + quotedName(table) + " (" + quotedNames(columns) + ") VALUES (";
    for (std::size_t index = 1; index <= columns.size(); ++index)
        sql += (index == 1 ? "$" : ", $") + std::to_string(index);
    const auto& kept = prepared(sql + ")");
    for (const auto& row : rowsToInsert) {
        const Run run(kept.statement.get());
        bind(kept, row);
        if (sqlite3_step(kept.statement.get()) != SQLITE_DONE) throwProblem();
    }
}

void SqliteStatements::runScript(const std::string& text) {
    if (sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throwProblem();
}

bool SqliteStatements::writes(std::string_view sql) {
    return sqlite3_stmt_readonly(prepared(sql).statement.get()) == 0;
}

void SqliteStatements::bind(const Kept& kept, std::span<const SqlValue> parameters) {
    const std::set<std::size_t> numbers(kept.parameters.begin(), kept.parameters.end());
    if (numbers.size() != parameters.size() || (!numbers.empty() && *numbers.rbegin() + 1 != numbers.size()))
        throw std::invalid_argument("a statement with " + std::to_string(numbers.size()) + " parameters was given " +
                                    std::to_string(parameters.size()));
    for (std::size_t index = 0; index < kept.parameters.size(); ++index)
        if (bindOne(kept.statement.get(), static_cast<int>(index) + 1, parameters[kept.parameters[index]]) != SQLITE_OK)
            throwProblem();
}

SqliteStatements::Kept& SqliteStatements::prepared(std::string_view sql) {
    if (const auto found = bySql_.find(sql); found != bySql_.end()) {
        kept_.splice(kept_.begin(), kept_, found->second);
        return kept_.front();
    }
    auto fresh = prepare(sql);
    if (kept_.size() == mostKept_) {
        bySql_.erase(kept_.back().sql);
        kept_.pop_back();
    }
    kept_.push_front(std::move(fresh));
    bySql_.emplace(kept_.front().sql, kept_.begin());
    return kept_.front();
}

SqliteStatements::Kept SqliteStatements::prepare(std::string_view sql) {
    if (sql.find('\0') != std::string_view::npos) throw SqlError(Kind::Invalid, "a statement holds the character NUL");
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    if (sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw,
                           &rest) != SQLITE_OK)
        throwProblem();
    Kept kept{std::string(sql), std::unique_ptr<sqlite3_stmt, Finalize>(raw), {}};
    if (raw == nullptr) throw SqlError(Kind::Invalid, "a statement is empty");
    if (!isOnlySpaceAndComments(sql.substr(static_cast<std::size_t>(rest - sql.data()))))
        throw SqlError(Kind::Invalid, "several statements were given at once; run each by itself");
    for (int index = 1; index <= sqlite3_bind_parameter_count(raw); ++index)
        kept.parameters.push_back(numberOf(sqlite3_bind_parameter_name(raw, index)) - 1);
    return kept;
}

void SqliteStatements::throwProblem() {
    const auto extended = sqlite3_extended_errcode(database_);
    const std::string message = sqlite3_errmsg(database_);
    const auto primary = extended & 0xFF;
    switch (primary) {
        case SQLITE_CONSTRAINT:
            throw SqlError(kindOf(extended), message, constraintOf(message));
        case SQLITE_ERROR:
        case SQLITE_MISMATCH:
        case SQLITE_RANGE:
        case SQLITE_TOOBIG:
            throw SqlError(Kind::Invalid, message);
        default:
            throw SqliteFailure(primary, sqlite3_system_errno(database_), message);
    }
}

}  // namespace playhouse::sql
