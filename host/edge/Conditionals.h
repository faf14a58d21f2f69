#pragma once

#include <playhouse/Request.h>
#include <playhouse/Response.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace playhouse::host {

enum class Precondition {
    Proceed,
    NotModified,  ///< 304
    Failed,       ///< 412
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of RFC 9110
/// section 13.2.2, against the validators that `response` carries.
Precondition evaluatePreconditions(const Request& request, const Headers& response);

/// Whether a Range header is to be honoured: there is no If-Range, or it names the current representation by a strong
/// validator (RFC 9110 section 13.1.5).
bool rangeIsCurrent(const Request& request, const Headers& response);

/// Reads an HTTP date in any of the three formats of RFC 9110 section 5.6.7.
std::optional<std::chrono::system_clock::time_point> parseHttpDate(std::string_view text);

}  // namespace playhouse::host
