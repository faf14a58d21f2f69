#pragma once

#include <playhouse/Request.h>

#include <chrono>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Writes one line to the logger "access": client, method, target, status and time. Safe from any thread.
void logAccess(const Request& request, int status, std::chrono::nanoseconds taken);

/// `target` with the values of query parameters that name a secret (token, key, password, signature, ...) replaced by
/// "***".
std::string withoutSecrets(std::string_view target);

}  // namespace playhouse::host
