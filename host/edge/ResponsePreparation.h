#pragma once

#include "EdgeSettings.h"

#include <playhouse/Request.h>
#include <playhouse/Response.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

class CompressedBodies;
struct RateLimitStatus;

/// What goes out on the wire for one response.
struct PreparedResponse {
    int status = 0;
    std::string head;  ///< status line and fields, with the empty line
    Body body;         ///< empty when only the head is to be sent
    bool isChunked = false;
    bool closes = false;                      ///< the connection ends after it
    std::optional<std::uint64_t> sourceSize;  ///< bytes to take from a source of known size
    std::optional<std::uint64_t> pacing;      ///< bytes a second of the body
};

/// What a response is prepared with beside itself.
struct PreparationContext {
    const EdgeSettings& settings;
    CompressedBodies& compressed;
    std::string_view date;  ///< of now, as HTTP writes it
    bool keepsAlive = true;
    bool isHttp10 = false;
    const RateLimitStatus* limit = nullptr;  ///< where the route's limit stands; null without one
};

/// Turns a handler's answer into what is sent: conditionals (304, 412), ranges (206, 416, multipart/byteranges), gzip,
/// CORS, HEAD, and the length or chunking. Pure but for the compressed bodies it keeps.
PreparedResponse prepareResponse(const Request& request, Response response, const PreparationContext& context);

}  // namespace playhouse::host
