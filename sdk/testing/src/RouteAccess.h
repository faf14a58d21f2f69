#pragma once

#include <playhouse/ApiError.h>
#include <playhouse/Router.h>

#include <memory>
#include <optional>
#include <variant>

namespace playhouse::testing {

/// Whom a route is for, be it an ordinary one or one for channels.
inline const Access& accessOf(const Route& route) {
    const auto* channel = std::get_if<std::shared_ptr<const ChannelRoute>>(&route.handler);
    return channel != nullptr ? (*channel)->options.access : route.options.access;
}

/// Throws ApiError as the host refuses: 401 TOKEN_MISSING, 403 FORBIDDEN.
inline void checkAccess(const Access& access, const std::optional<Identity>& identity) {
    if (access.isOpen()) return;
    if (!identity) throw ApiError(401, "TOKEN_MISSING", "this route needs a token");
    if (!access.allows(*identity)) throw ApiError(403, "FORBIDDEN", "this route is not for this user");
}

}  // namespace playhouse::testing
