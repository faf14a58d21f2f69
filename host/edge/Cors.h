#pragma once

#include "EdgeSettings.h"

#include <playhouse/Request.h>
#include <playhouse/Response.h>

#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// Adds to `response` what lets a page of the request's Origin read it, when that is allowed.
void allowOrigin(const CorsSettings& settings, const Request& request, Headers& response);

/// Whether a request asks, before another, if that would be allowed (a CORS preflight).
bool isPreflight(const Request& request) noexcept;

/// The answer to OPTIONS on a path that answers `methods`: what is allowed, for CORS too when it is a preflight.
Response optionsAnswer(const CorsSettings& settings, const Request& request, const std::vector<Method>& methods);

/// "GET, HEAD, POST": for Allow and Access-Control-Allow-Methods; HEAD comes with GET, and OPTIONS always.
std::string methodList(const std::vector<Method>& methods);

}  // namespace playhouse::host
