#include "PostgresConnection.h"

#include "DatabaseErrors.h"
#include "PostgresHandle.h"
#include "PostgresValues.h"

#include <SqlChecks.h>

#include <Poco/Logger.h>

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t mostKept = 128;
constexpr std::size_t copyStep = 64 * 1024;

/// The server ends a statement a little before this side gives the connection up, which costs more.
constexpr milliseconds grace{150};

/// For a host that is frozen: after so many times its patience others get the rows that its transaction has locked.
constexpr int idlePatiences = 10;

/// PostgreSQL 14 ends sessions that are idle outside of a transaction, too.
constexpr int endsIdleSessions = 140'000;

std::string setting(const char* name, milliseconds value) {
    return std::string("SET ") + name + " = " + std::to_string(std::max(value, milliseconds(1)).count());
}

}  // namespace

PostgresConnection::PostgresConnection(Poco::Data::Session session, milliseconds patience,
                                       std::shared_ptr<ReadOnlyNotice> readOnly)
    : session_(std::move(session)),
      freeing_{session_},
      wire_(handleOf(session_)),
      patience_(patience),
      readOnly_(std::move(readOnly)) {
    // Times come as this platform writes them, and messages as PostgresErrors reads them.
    simple("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; " + setting("statement_timeout", patience) + "; " +
               setting("idle_in_transaction_session_timeout", idlePatiences * patience),
           Steady::now() + patience);
}

PostgresConnection::~PostgresConnection() = default;

PostgresConnection::Freeing::~Freeing() {
    freeIfBroken(session);
}

SqlResult PostgresConnection::run(std::string_view sql, std::span<const SqlValue> parameters, Deadline deadline) {
    conflicted_ = false;
    try {
        sql::checkValues(parameters);
        for (int attempt = 0;; ++attempt) {
            const auto result = execute(prepared(sql, deadline), parameters, deadline);
            check(result.get());
            if (PQresultStatus(result.get()) == PGRES_COPY_IN) {
                mustClose_ = true;
                throw SqlError(SqlError::Kind::Invalid, "COPY is for insert()");
            }
            if (PQresultStatus(result.get()) != PGRES_FATAL_ERROR) {
                auto found = resultOf(result.get());
                if (found.affected() > 0) readOnly_->written();
                return found;
            }
            // Prepared before the tables changed: once more.
            forget(kept_.begin(), deadline);
            if (attempt > 0) throw databaseBusy();
        }
    } catch (...) {
        keepFailure();
        throw;
    }
}

PostgresResult PostgresConnection::execute(const Kept& kept, std::span<const SqlValue> parameters, Deadline deadline) {
    if (kept.parameters != parameters.size())
        throw std::invalid_argument("a statement with " + std::to_string(kept.parameters) + " parameters was given " +
                                    std::to_string(parameters.size()));
    const PostgresParameters texts(parameters);
    return wire_.ask(deadline + grace, [&] {
        return PQsendQueryPrepared(wire_.connection(), kept.name.c_str(), texts.count(), texts.texts(), nullptr,
                                   nullptr, 0);
    });
}

const PostgresConnection::Kept& PostgresConnection::prepared(std::string_view sql, Deadline deadline) {
    if (const auto found = bySql_.find(sql); found != bySql_.end()) {
        kept_.splice(kept_.begin(), kept_, found->second);
        return kept_.front();
    }
    if (sql.find('\0') != std::string_view::npos)
        throw SqlError(SqlError::Kind::Invalid, "a statement holds the character NUL");
    Kept fresh{std::string(sql), "playhouse_" + std::to_string(++lastName_), 0};
    const auto made = wire_.ask(deadline + grace, [&] {
        return PQsendPrepare(wire_.connection(), fresh.name.c_str(), fresh.sql.c_str(), 0, nullptr);
    });
    check(made.get());
    const auto described =
        wire_.ask(deadline + grace, [&] { return PQsendDescribePrepared(wire_.connection(), fresh.name.c_str()); });
    check(described.get());
    fresh.parameters = static_cast<std::size_t>(PQnparams(described.get()));
    if (kept_.size() == mostKept) forget(std::prev(kept_.end()), deadline);
    kept_.push_front(std::move(fresh));
    bySql_.emplace(kept_.front().sql, kept_.begin());
    return kept_.front();
}

void PostgresConnection::forget(std::list<Kept>::iterator kept, Deadline deadline) {
    const auto name = kept->name;
    bySql_.erase(kept->sql);
    kept_.erase(kept);
    // Of no importance when it fails: names are not used again.
    wire_.ask(deadline + grace, [&] { return PQsendQuery(wire_.connection(), ("DEALLOCATE " + name).c_str()); });
}

PostgresResult PostgresConnection::simple(const std::string& sql, Deadline deadline) {
    auto result = wire_.ask(deadline + grace, [&] { return PQsendQuery(wire_.connection(), sql.c_str()); });
    check(result.get());
    return result;
}

void PostgresConnection::check(const PGresult* result) {
    const auto status = PQresultStatus(result);
    if (status == PGRES_EMPTY_QUERY) throw SqlError(SqlError::Kind::Invalid, "a statement is empty");
    if (status != PGRES_FATAL_ERROR) return;
    switch (problemOf(result)) {
        case PostgresProblem::Conflict:
            conflicted_ = true;
            throw databaseBusy();
        case PostgresProblem::StalePlan:
            // A transaction has failed with it, and is to begin anew.
            if (!inTransaction()) return;
            conflicted_ = true;
            mustForgetAll_ = true;
            throw databaseBusy();
        case PostgresProblem::Slow:
            throw databaseBusy();
        case PostgresProblem::Full:
            throw databaseFull();
        case PostgresProblem::ReadOnly:
            throwReadOnly(result);
        case PostgresProblem::Forbidden: {
            const auto refusal = refusalOf(result);
            throw RightMissing(refusal.kind(), refusal.what(), refusal.constraint());
        }
        case PostgresProblem::Unavailable:
            mustClose_ = true;
            Poco::Logger::get("database")
                .warning("PostgreSQL refuses work: " + std::string(errorField(result, PG_DIAG_MESSAGE_PRIMARY)));
            throw databaseUnavailable();
        case PostgresProblem::Refused:
            break;
    }
    throw refusalOf(result);
}

void PostgresConnection::throwReadOnly(const PGresult* result) {
    // Another of several hosts may take writes now.
    mustClose_ = true;
    readOnly_->refused(std::string(errorField(result, PG_DIAG_MESSAGE_PRIMARY)));
    throw databaseReadOnly();
}

void PostgresConnection::insert(std::string_view table, std::span<const std::string> columns,
                                std::span<const std::vector<SqlValue>> rows, milliseconds patience) {
    conflicted_ = false;
    try {
        sql::checkRows(columns, rows);
        const auto begun = simple("COPY " + sql::quotedName(table) + " (" + sql::quotedNames(columns) + ") FROM STDIN",
                                  Steady::now() + patience);
        if (PQresultStatus(begun.get()) != PGRES_COPY_IN) throw databaseBusy();
        std::string text;
        for (const auto& row : rows) {
            appendCopyRow(text, row);
            if (text.size() < copyStep) continue;
            wire_.copy(Steady::now() + patience, text);
            text.clear();
        }
        if (!text.empty()) wire_.copy(Steady::now() + patience, text);
        const auto ended = wire_.endCopy(Steady::now() + patience + grace);
        check(ended.get());
        if (!rows.empty()) readOnly_->written();
    } catch (...) {
        keepFailure();
        throw;
    }
}

void PostgresConnection::runScript(const std::string& text, Deadline deadline) {
    try {
        const auto result = simple(text, deadline);
        if (PQresultStatus(result.get()) == PGRES_COPY_IN) {
            mustClose_ = true;
            throw SqlError(SqlError::Kind::Invalid, "COPY has no data here");
        }
    } catch (...) {
        keepFailure();
        throw;
    }
}

void PostgresConnection::begin(Deadline deadline) {
    failure_ = nullptr;
    conflicted_ = false;
    const auto begun = wire_.ask(deadline + grace,
                                 [&] { return PQsendQuery(wire_.connection(), "BEGIN ISOLATION LEVEL SERIALIZABLE"); });
    // Another's copy has no serializable transactions (feature_not_supported).
    if (errorField(begun.get(), PG_DIAG_SQLSTATE) == "0A000") throwReadOnly(begun.get());
    check(begun.get());
    ownTransaction_ = true;
}

void PostgresConnection::commit(Deadline deadline) {
    try {
        if (failure_) std::rethrow_exception(failure_);
        ownTransaction_ = false;
        if (PQtransactionStatus(wire_.connection()) == PQTRANS_IDLE)
            throw SqlError(SqlError::Kind::Invalid, "the work has ended its transaction by itself");
        // A failed transaction ends as well, by another tag: one of the statements that Poco's session sent has failed.
        const auto ended = simple("COMMIT", deadline);
        if (std::string_view(PQcmdStatus(ended.get())) != "COMMIT")
            throw SqlError(SqlError::Kind::Other,
                           "PostgreSQL has rolled the transaction back, as a statement of it failed");
    } catch (...) {
        rollback();
        throw;
    }
}

void PostgresConnection::rollback() noexcept {
    ownTransaction_ = false;
    failure_ = nullptr;
    if (wire_.isBroken() || mustClose_) return;
    try {
        const auto conflicted = conflicted_;
        const auto deadline = Steady::now() + patience_;
        if (inTransaction()) simple("ROLLBACK", deadline);
        if (std::exchange(mustForgetAll_, false)) {
            simple("DEALLOCATE ALL", deadline);
            bySql_.clear();
            kept_.clear();
        }
        conflicted_ = conflicted;
    } catch (...) {
        mustClose_ = true;
    }
}

bool PostgresConnection::inTransaction() const noexcept {
    const auto status = PQtransactionStatus(wire_.connection());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

DatabaseConnection::Silence PostgresConnection::silence() const noexcept {
    const auto silence = wire_.silence();
    if (!silence) return Silence::None;
    return *silence < patience_ ? Silence::Short : Silence::Long;
}

bool PostgresConnection::isUsable() noexcept {
    if (inTransaction()) rollback();
    return !mustClose_ && !isLastLoan_ && !wire_.isBroken() &&
           PQtransactionStatus(wire_.connection()) == PQTRANS_IDLE && !wire_.hasNews();
}

void PostgresConnection::allow(milliseconds perStatement) {
    auto settings = setting("statement_timeout", perStatement);
    // What such a connection has locked for its whole life is not to outlast a frozen host either.
    if (!std::exchange(isLastLoan_, true) && PQserverVersion(wire_.connection()) >= endsIdleSessions)
        settings += "; " + setting("idle_session_timeout", idlePatiences * patience_);
    simple(settings, Steady::now() + std::min(patience_, perStatement));
    patience_ = perStatement;
}

void PostgresConnection::breakOff() noexcept {
    // What waits for the server sees the end of the connection.
    ::shutdown(PQsocket(wire_.connection()), SHUT_RDWR);
}

void PostgresConnection::keepFailure() noexcept {
    if (ownTransaction_ && !failure_) failure_ = std::current_exception();
}

}  // namespace playhouse::host
