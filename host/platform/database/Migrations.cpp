#include "Migrations.h"

#include <SqlChecks.h>

#include <Poco/DigestEngine.h>
#include <Poco/SHA2Engine.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace playhouse::host {
namespace {

constexpr std::size_t digits = 4;

MigrationError refused(const MigrationOwner& owner, const std::string& what) {
    return {"MIGRATION_REFUSED", owner.text() + ": " + what};
}

std::string checksumOf(std::string_view text) {
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(text.data(), text.size());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

/// What is above the first statement.
std::string_view leadingComments(std::string_view text) {
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string_view::npos) {
        const auto rest = text.substr(at);
        std::size_t length = std::string_view::npos;
        if (rest.starts_with("--"))
            length = rest.find('\n');
        else if (!rest.starts_with("/*"))
            return text.substr(0, at);
        else if (const auto end = rest.find("*/"); end != std::string_view::npos)
            length = end + 2;
        if (length == std::string_view::npos) break;
        at += length;
    }
    return text;
}

enum class Compatibility { Yes, No, Unclear };

/// Of the comments that a file begins with. What is nearly the line that says it is not to count as if it were absent.
Compatibility compatibilityOf(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) return Compatibility::Unclear;
    auto said = Compatibility::Yes;
    auto comments = leadingComments(text);
    while (!comments.empty()) {
        const auto end = std::min(comments.find('\n'), comments.size());
        auto line = comments.substr(0, end);
        comments.remove_prefix(std::min(end + 1, comments.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
            line.remove_suffix(1);
        if (line == "-- compatible: no")
            said = Compatibility::No;
        else if (line != "-- compatible: yes" && sql::inSmallLetters(line).find("compatible") != std::string::npos)
            return Compatibility::Unclear;
    }
    return said;
}

std::optional<int> numberOf(std::string_view name) {
    int number = 0;
    if (name.size() <= digits || name[digits] != '_' || !name.ends_with(".sql")) return std::nullopt;
    const auto [end, error] = std::from_chars(name.data(), name.data() + digits, number);
    if (error != std::errc() || end != name.data() + digits) return std::nullopt;
    return number;
}

bool isFor(std::string_view name, SqlDialect dialect) {
    if (name.ends_with(".sqlite.sql")) return dialect == SqlDialect::SQLite;
    if (name.ends_with(".postgresql.sql")) return dialect == SqlDialect::PostgreSQL;
    return true;
}

}  // namespace

std::string MigrationOwner::text() const {
    return id.empty() ? "the host " + version : "plugin \"" + id + "\" " + version;
}

std::vector<Migration> migrationsOf(const EmbeddedMigrations* embedded, SqlDialect dialect,
                                    const MigrationOwner& owner) {
    std::vector<Migration> all;
    if (embedded == nullptr || embedded->list == nullptr) return all;
    for (std::size_t index = 0; index < embedded->count; ++index) {
        const auto& each = embedded->list[index];
        const std::string name(each.name == nullptr ? "" : each.name);
        const auto number = numberOf(name);
        if (!number || each.text == nullptr)
            throw refused(owner, "\"" + name + "\" is no name of a migration; one is NNNN_what.sql");
        if (!isFor(name, dialect)) continue;
        const std::string text(each.text, each.size);
        const auto said = compatibilityOf(text);
        all.push_back(
            {*number, name, text, checksumOf(text), said == Compatibility::Yes, said == Compatibility::Unclear});
    }
    std::sort(all.begin(), all.end(), [](const auto& left, const auto& right) { return left.number < right.number; });
    const auto twice = std::adjacent_find(
        all.begin(), all.end(), [](const auto& left, const auto& right) { return left.number == right.number; });
    if (twice != all.end())
        throw refused(owner,
                      twice->name + " and " + std::next(twice)->name + " have the same number; give one another");
    return all;
}

std::vector<Migration> pendingMigrations(const std::vector<Migration>& all,
                                         const std::vector<AppliedMigration>& applied, const MigrationOwner& owner) {
    const int highest = all.empty() ? 0 : all.back().number;
    int highestApplied = 0;
    for (const auto& done : applied) {
        highestApplied = std::max(highestApplied, done.number);
        const auto known =
            std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.number == done.number; });
        if (known != all.end()) {
            if (known->checksum != done.checksum)
                throw refused(owner, "the migration " + known->name + " is another than the one that version " +
                                         done.version +
                                         " has applied to this database; restore its text, and put the change into a "
                                         "new migration");
        } else if (done.number < highest) {
            throw refused(owner, "the migration " + done.name + ", which version " + done.version +
                                     " has applied to this database, is gone; put it back");
        } else if (!done.isCompatible) {
            throw MigrationError("DATABASE_TOO_NEW",
                                 owner.text() + " cannot work on this database: version " + done.version +
                                     " has applied " + done.name +
                                     " to it, which is not compatible with versions before; use that version or a "
                                     "later one, or restore the database from before");
        }
    }
    std::vector<Migration> pending;
    for (const auto& each : all) {
        const bool isDone =
            std::any_of(applied.begin(), applied.end(), [&](const auto& done) { return done.number == each.number; });
        if (isDone) continue;
        if (each.number < highestApplied)
            throw refused(owner, "the migration " + each.name +
                                     " is new, but later ones have been applied to this "
                                     "database; give it a number above " +
                                     std::to_string(highestApplied));
        if (each.isUnclear)
            throw refused(owner,
                          "the migration " + each.name +
                              " speaks of \"compatible\" in its first comment, or begins with a byte order mark: "
                              "write the line as \"-- compatible: no\" or \"-- compatible: yes\", and nothing else "
                              "of it there");
        pending.push_back(each);
    }
    return pending;
}

}  // namespace playhouse::host
