#pragma once

#include <playhouse/Request.h>

#include <string>

namespace playhouse::host {

/// What a request brings to say who asks (RFC 6750 section 2).
struct BearerToken {
    enum class Kind {
        None,  ///< nothing, or for another scheme
        Token,
        Malformed,  ///< more than one, or what no token can be
    };
    Kind kind = Kind::None;
    std::string text;
};

/// The token in Authorization: `Bearer`, without regard to case (RFC 9110 section 11.1). More than one field of that
/// name is malformed.
BearerToken bearerTokenOf(const Headers& headers);

/// As above; the token may also stand in the query, as access_token (RFC 6750 section 2.3), in one of both places. It
/// is replaced there by "***", so that neither a log nor a handler gets it.
BearerToken takeBearerToken(RequestParts& parts);

}  // namespace playhouse::host
