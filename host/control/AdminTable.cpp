#include "AdminTable.h"

#include "edge/ErrorAnswers.h"
#include "platform/ThrownText.h"
#include "routing/RequestContext.h"

#include <Poco/Logger.h>

#include <string>
#include <utility>

namespace playhouse::host {

AdminTable::AdminTable(std::vector<Route> routes) : routes_(std::move(routes)) {
    RouteTable::Builder builder;
    for (const auto& route : routes_) {
        RouteEntry entry{.method = route.method,
                         .pattern = RoutePattern(route.pattern),
                         .options = route.options,
                         .pluginId = {},
                         .gate = gate_,
                         .route = &route};
        builder.add(std::move(entry));
    }
    table_ = std::move(builder).build();
}

Response AdminTable::answer(RequestParts request) const noexcept {
    const std::string id = request.requestId;
    const std::string what = std::string(toString(request.method)) + " " + request.path;
    const RequestScope scope(id);
    try {
        return dispatch(std::move(request));
    } catch (const ApiError& error) {
        return errorAnswer(error);
    } catch (const std::exception& error) {
        const auto text = thrownText(error);
        Poco::Logger::get("control").error(what + " failed: " + text);
        return errorAnswer(500, "INTERNAL_ERROR", text);
    }
}

Response AdminTable::dispatch(RequestParts request) const {
    const auto match = table_->match(request.method, request.path, request.pathParameters);
    if (match.entry == nullptr && match.allowedMethods.empty())
        throw ApiError::notFound("The admin API has no " + request.path + ".");
    if (match.entry == nullptr) {
        std::string allowed;
        for (const auto method : match.allowedMethods)
            allowed += (allowed.empty() ? "" : ", ") + std::string(toString(method));
        return errorAnswer(405, "METHOD_NOT_ALLOWED", request.path + " takes " + allowed + ".")
            .withHeader("Allow", allowed);
    }
    return std::get<Handler>(match.entry->route->handler)(Request(std::move(request)));
}

}  // namespace playhouse::host
