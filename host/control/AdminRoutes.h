#pragma once

#include <playhouse/Router.h>

#include <vector>

namespace playhouse::host {

class Administration;
class KeptLogs;

/// What an operator may do with the running server, as routes for AdminServer: GET /plugins, GET /status, GET /metrics,
/// GET /logs, POST /plugins/{id}/enable, POST /plugins/{id}/disable, POST /plugins/{id}/swap (optional body
/// {"library": "/path"}), POST /plugins/{id}/rollback, POST /reload. openapi.yaml describes them.
///
/// Each action leaves a line in the log `audit`: who (Request::clientAddress()), what, from what, to what, and how it
/// went. `administration` and `logs` must outlive the routes.
std::vector<Route> adminRoutes(Administration& administration, KeptLogs& logs);

}  // namespace playhouse::host
