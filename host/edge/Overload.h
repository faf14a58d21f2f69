#pragma once

#include <playhouse/Response.h>

#include <string>

namespace playhouse::host {

/// 503 OVERLOADED with Retry-After, saying what there is too much of.
Response overloadAnswer(const std::string& message);

/// The same as it goes over the wire, for a connection whose request is not read.
std::string overloadBytes(const std::string& message);

}  // namespace playhouse::host
