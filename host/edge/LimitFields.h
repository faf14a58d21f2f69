#pragma once

#include "limits/RateLimiter.h"

#include <playhouse/Headers.h>

namespace playhouse::host {

/// Puts X-RateLimit-Limit, -Remaining and -Reset (Unix seconds, rounded up) into a response's fields.
void addLimitFields(const RateLimitStatus& status, Headers& response);

}  // namespace playhouse::host
