#include "SessionHandlers.h"

#include <playhouse/ApiError.h>

#include <utility>

namespace playhouse::auth {

Response SessionHandlers::sessions(const Request& request) const {
    const auto account = office_.asking(request);
    boost::json::array sessions;
    for (const auto& session : office_.sessions.of(account.id))
        sessions.push_back(toJson(session, session.accessId == request.user().sessionId));
    return Response::json({{"sessions", std::move(sessions)}}).withCacheControl("no-store");
}

Response SessionHandlers::end(const Request& request) const {
    const std::string code = "SESSION_NOT_FOUND";
    const std::string message = "You have no session with this id.";
    const auto id = idOf(request, code, message);
    const auto ending = office_.sessions.end(office_.asking(request).id, id);
    if (!ending) throw ApiError(404, code, message);
    office_.watch.enforce(*ending);
    return Response(204);
}

}  // namespace playhouse::auth
