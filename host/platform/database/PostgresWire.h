#pragma once

#include "PostgresErrors.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace playhouse::host {

/// What goes to and comes from a PostgreSQL server over one connection, within deadlines: libpq's own calls would wait
/// for a server that hangs for ever.
///
/// One thread at a time. Each throws ApiError 503 DATABASE_UNAVAILABLE when the server does not answer in time or is
/// gone; the connection is broken then.
class PostgresWire {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    /// `connection` must outlive this.
    explicit PostgresWire(PGconn* connection);

    /// Sends what `send` sends, and returns the last result, or the first one of these: a failed one, and one that
    /// wants a COPY's data.
    PostgresResult ask(Deadline deadline, const std::function<int()>& send);

    /// Data of a COPY that has begun, waiting for the server to take it.
    void copy(Deadline deadline, std::string_view data);

    /// Ends the COPY, and returns what came of it.
    PostgresResult endCopy(Deadline deadline);

    bool isBroken() const noexcept { return isBroken_ || PQstatus(connection_) != CONNECTION_OK; }

    /// Whether something has come in without having been asked for: the server has closed the connection, mostly.
    bool hasNews() const noexcept;

    /// For how long the server had been silent when it was given up for that; nothing when it broke otherwise.
    std::optional<std::chrono::milliseconds> silence() const noexcept { return silence_; }

    PGconn* connection() const noexcept { return connection_; }

private:
    [[noreturn]] void fail(std::string_view why);
    void wait(Deadline deadline, bool untilSent);
    PostgresResult lastResult(Deadline deadline);
    PostgresResult nextResult(Deadline deadline);

    PGconn* connection_;
    bool isBroken_ = false;
    Deadline heard_{};  ///< since when it is waited for
    std::optional<std::chrono::milliseconds> silence_;
};

}  // namespace playhouse::host
