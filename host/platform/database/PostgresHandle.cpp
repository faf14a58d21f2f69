#include "PostgresHandle.h"

#include <Poco/Data/PostgreSQL/SessionImpl.h>

#include <memory>
#include <stdexcept>

namespace playhouse::host {
namespace {

using Poco::Data::PostgreSQL::SessionHandle;
using Poco::Data::PostgreSQL::SessionImpl;

/// The way to a private member that the language has: an explicit instantiation may name it ([temp.spec] 13.9.1/6).
template <auto member>
struct Way {
    friend PGconn*& connectionOf(SessionHandle& handle) { return handle.*member; }
};
PGconn*& connectionOf(SessionHandle& handle);
template struct Way<&SessionHandle::_pConnection>;

SessionImpl& implementationOf(Poco::Data::Session& session) {
    auto* implementation = dynamic_cast<SessionImpl*>(session.impl());
    if (implementation == nullptr) throw std::logic_error("not a session of PostgreSQL");
    return *implementation;
}

}  // namespace

PGconn* handleOf(Poco::Data::Session& session) {
    return implementationOf(session).handle();
}

void freeIfBroken(Poco::Data::Session& session) noexcept {
    auto& connection = connectionOf(implementationOf(session).handle());
    if (connection == nullptr || PQstatus(connection) == CONNECTION_OK) return;
    PQfinish(connection);
    connection = nullptr;
}

std::string connectionProblem(const std::string& parameters) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> tried(PQconnectdb(parameters.c_str()), PQfinish);
    if (PQstatus(tried.get()) == CONNECTION_OK) return {};
    const std::string problem = PQerrorMessage(tried.get());
    return problem.empty() ? "no reason given" : problem;
}

}  // namespace playhouse::host
