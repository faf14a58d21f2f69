#pragma once

#include <playhouse/Request.h>

#include <chrono>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Writes one line to the logger "access": client, method, target, status and time, the user when one is known, and
/// that the client left when it did not take the answer to its end. Safe from any thread.
void logAccess(const Request& request, int status, std::chrono::nanoseconds taken, bool clientLeft = false);

/// `target` with the values of query parameters that name a secret (token, key, password, signature, ...) replaced by
/// "***".
std::string withoutSecrets(std::string_view target);

}  // namespace playhouse::host
