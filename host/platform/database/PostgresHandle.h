#pragma once

#include <Poco/Data/Session.h>

#include <libpq-fe.h>

#include <string>

namespace playhouse::host {

/// libpq's side of a session of Poco's. Throws std::logic_error for a session of another database.
PGconn* handleOf(Poco::Data::Session& session);

/// Frees the connection of a session whose server is gone: Poco 1.11 frees those alone that are still open, and would
/// leak some 35 KB for each of the others. The session must not be used any more, but for being destroyed.
void freeIfBroken(Poco::Data::Session& session) noexcept;

/// What libpq says when a connection with these parameters cannot be opened; empty when it can. Poco would leak each
/// one that cannot, and a server that is away is tried again and again. (It still leaks one of a server that goes
/// within the millisecond between this and Poco's own attempt.)
std::string connectionProblem(const std::string& parameters);

}  // namespace playhouse::host
