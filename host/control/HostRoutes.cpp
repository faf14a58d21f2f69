#include "HostRoutes.h"

#include "Administration.h"
#include "PluginsJson.h"

#include <utility>

namespace playhouse::host {
namespace {

Response alive(const Request&) {
    return Response::json({{"status", "alive"}}).withCacheControl("no-store");
}

Response readiness(const Administration& administration) {
    const auto plugins = administration.plugins();
    const auto* const database = administration.databaseIsUp() ? "up" : "down";
    if (!allServe(plugins))
        throw ApiError(503, "NOT_READY", "Not every plugin that is switched on serves.",
                       {{"status", "not ready"}, {"database", database}, {"plugins", publicPluginStates(plugins)}});
    return Response::json({{"status", "ready"}, {"database", database}, {"plugins", publicPluginStates(plugins)}})
        .withCacheControl("no-store");
}

}  // namespace

std::vector<Route> hostRoutes(Administration& administration, std::function<bool()> metricsArePublic) {
    return {
        {Method::Get, "/healthz", Handler(alive), Execution::Inline},
        {Method::Get, "/readyz", Handler([&administration](const Request&) { return readiness(administration); }),
         Execution::Worker},
        {Method::Get, "/metrics",
         Handler([&administration, isPublic = std::move(metricsArePublic)](const Request& request) {
             if (!isPublic()) throw ApiError::notFound("Nothing answers " + request.path() + ".");
             return Response::text(administration.metrics(), metricsContentType).withCacheControl("no-store");
         }),
         Execution::Worker},
    };
}

}  // namespace playhouse::host
