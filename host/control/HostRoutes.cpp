#include "HostRoutes.h"

#include "Administration.h"
#include "PluginsJson.h"

#include <boost/json/serialize.hpp>

#include <utility>

namespace playhouse::host {
namespace {

Response alive(const Request&) {
    return Response::json({{"status", "alive"}}).withCacheControl("no-store");
}

Response readiness(const Administration& administration) {
    const auto plugins = administration.plugins();
    const auto answer = [&](const char* status) {
        boost::json::object states{{"status", status}, {"plugins", publicPluginStates(plugins)}};
        // All hosts share these, and much is served without: one that is away is no reason to ask another host.
        for (const auto& [name, state] : administration.backends()) states.emplace(name, state);
        return states;
    };
    if (!allServe(plugins))
        throw ApiError(503, "NOT_READY", "Not every plugin that is switched on serves.", answer("not ready"));
    return Response::json(answer("ready")).withCacheControl("no-store");
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

std::vector<Route> identityRoutes(const Identities& identities) {
    return {{Method::Get, "/auth/jwks.json", Handler([&identities](const Request&) {
                 return Response::text(boost::json::serialize(identities.publicKeys()), "application/jwk-set+json")
                     .withCacheControl("public, max-age=300");
             }),
             Execution::Inline}};
}

}  // namespace playhouse::host
