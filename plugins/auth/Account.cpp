#include "Account.h"

#include <playhouse/Response.h>

#include <boost/json/value.hpp>

namespace playhouse::auth {
namespace {

boost::json::value timeOrNull(const std::optional<Time>& time) {
    if (!time) return nullptr;
    return boost::json::value(isoTime(*time));
}

}  // namespace

std::string_view toString(Role role) noexcept {
    switch (role) {
        case Role::Admin:
            return "admin";
        case Role::Moderator:
            return "moderator";
        case Role::Viewer:
            break;
    }
    return "viewer";
}

std::optional<Role> roleOf(std::string_view text) noexcept {
    for (const auto role : {Role::Viewer, Role::Moderator, Role::Admin})
        if (toString(role) == text) return role;
    return std::nullopt;
}

boost::json::object toJson(const Account& account) {
    return {{"id", account.id},
            {"email", account.email},
            {"username", account.username},
            {"subscriptionTier", account.tier},
            {"role", toString(account.role)},
            {"createdAt", isoTime(account.createdAt)},
            {"lastLoginAt", timeOrNull(account.lastLoginAt)}};
}

boost::json::object toAdministrationJson(const Account& account) {
    auto json = toJson(account);
    json["suspendedAt"] = timeOrNull(account.suspendedAt);
    json["suspensionReason"] =
        account.isSuspended() ? boost::json::value(account.suspensionReason) : boost::json::value(nullptr);
    return json;
}

}  // namespace playhouse::auth
