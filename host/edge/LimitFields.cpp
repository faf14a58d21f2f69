#include "LimitFields.h"

#include <chrono>
#include <string>

namespace playhouse::host {

void addLimitFields(const RateLimitStatus& status, Headers& response) {
    response.set("X-RateLimit-Limit", std::to_string(status.limit));
    response.set("X-RateLimit-Remaining", std::to_string(status.remaining));
    response.set("X-RateLimit-Reset",
                 std::to_string(std::chrono::ceil<std::chrono::seconds>(status.resetsAt.time_since_epoch()).count()));
}

}  // namespace playhouse::host
