#include "PostgresWire.h"

#include "DatabaseErrors.h"

#include <Poco/Logger.h>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

}  // namespace

PostgresWire::PostgresWire(PGconn* connection) : connection_(connection) {
    PQsetnonblocking(connection_, 1);
    // libpq would print them.
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
}

PostgresResult PostgresWire::ask(Deadline deadline, const std::function<int()>& send) {
    if (isBroken()) fail("the connection is closed");
    heard_ = Steady::now();
    if (send() == 0) fail(PQerrorMessage(connection_));
    return lastResult(deadline);
}

PostgresResult PostgresWire::lastResult(Deadline deadline) {
    PostgresResult last;
    bool copies = false;
    while (!copies) {
        auto next = nextResult(deadline);
        if (!next) break;
        const auto status = PQresultStatus(next.get());
        copies = status == PGRES_COPY_IN;
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) fail("COPY TO was asked for, which is not possible");
        const bool hasFailed = last && PQresultStatus(last.get()) == PGRES_FATAL_ERROR;
        if (!hasFailed) last = std::move(next);
    }
    if (!last) fail("the server gave no answer");
    // A server that goes says so in an answer, at best.
    if (PQstatus(connection_) != CONNECTION_OK) fail(PQresultErrorMessage(last.get()));
    return last;
}

PostgresResult PostgresWire::nextResult(Deadline deadline) {
    while (PQisBusy(connection_) != 0) {
        wait(deadline, false);
        if (PQconsumeInput(connection_) == 0) fail(PQerrorMessage(connection_));
    }
    return PostgresResult(PQgetResult(connection_));
}

void PostgresWire::copy(Deadline deadline, std::string_view data) {
    heard_ = Steady::now();
    int queued = 0;
    while ((queued = PQputCopyData(connection_, data.data(), static_cast<int>(data.size()))) == 0) wait(deadline, true);
    if (queued < 0) fail(PQerrorMessage(connection_));
    // libpq would keep all of it in memory.
    int waiting = 0;
    while ((waiting = PQflush(connection_)) == 1) wait(deadline, true);
    if (waiting < 0) fail(PQerrorMessage(connection_));
}

PostgresResult PostgresWire::endCopy(Deadline deadline) {
    heard_ = Steady::now();
    int queued = 0;
    while ((queued = PQputCopyEnd(connection_, nullptr)) == 0) wait(deadline, true);
    if (queued < 0) fail(PQerrorMessage(connection_));
    return lastResult(deadline);
}

void PostgresWire::wait(Deadline deadline, bool untilSent) {
    const auto unsent = PQflush(connection_);
    if (unsent < 0) fail(PQerrorMessage(connection_));
    if (untilSent && unsent == 0) return;
    pollfd socket{PQsocket(connection_), static_cast<short>(POLLIN | (unsent == 1 ? POLLOUT : 0)), 0};
    const auto rest = std::chrono::ceil<milliseconds>(deadline - Steady::now());
    const auto ready = rest.count() <= 0 ? 0 : ::poll(&socket, 1, static_cast<int>(rest.count()));
    if (ready == 0) {
        silence_ = std::chrono::ceil<milliseconds>(Steady::now() - heard_);
        fail("it did not answer within database.patience");
    }
    if (ready < 0 && errno != EINTR) fail("its socket cannot be waited for");
    if (untilSent && ready > 0 && (socket.revents & POLLIN) != 0 && PQconsumeInput(connection_) == 0)
        fail(PQerrorMessage(connection_));
}

bool PostgresWire::hasNews() const noexcept {
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    return ::poll(&socket, 1, 0) != 0;
}

void PostgresWire::fail(std::string_view why) {
    isBroken_ = true;
    std::string line(why.substr(0, why.find('\n')));
    Poco::Logger::get("database").warning("A connection to PostgreSQL broke: " + line);
    throw databaseUnavailable();
}

}  // namespace playhouse::host
