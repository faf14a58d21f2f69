#pragma once

#include <playhouse/Router.h>

#include <functional>
#include <vector>

namespace playhouse::host {

class Administration;

/// What the host itself answers: GET /healthz (the process lives), GET /readyz (every plugin that is switched on
/// serves; else 503 NOT_READY with the plugins' states; both with those of the database, of Redis and of the bus,
/// which decide nothing, as much is served without) and GET /metrics.
///
/// `administration` must outlive the routes. `metricsArePublic` is asked at each GET /metrics, which is 404 when they
/// are not.
std::vector<Route> hostRoutes(Administration& administration, std::function<bool()> metricsArePublic);

/// GET /auth/jwks.json: the keys that others verify this server's tokens with (RFC 7517 section 5). `identities` must
/// outlive the routes.
std::vector<Route> identityRoutes(const Identities& identities);

/// The content type of the Prometheus text format.
inline constexpr const char* metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace playhouse::host
