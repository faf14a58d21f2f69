#pragma once

#include <playhouse/Router.h>

#include <functional>
#include <vector>

namespace playhouse::host {

class Administration;

/// What the host itself answers: GET /healthz (the process lives), GET /readyz (every plugin that is switched on
/// serves; else 503 NOT_READY with the plugins' states; and whether the database is up, which alone decides nothing, as
/// not every plugin needs it) and GET /metrics.
///
/// `administration` must outlive the routes. `metricsArePublic` is asked at each GET /metrics, which is 404 when they
/// are not.
std::vector<Route> hostRoutes(Administration& administration, std::function<bool()> metricsArePublic);

/// The content type of the Prometheus text format.
inline constexpr const char* metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace playhouse::host
