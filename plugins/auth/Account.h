#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::auth {

using Time = std::chrono::system_clock::time_point;

enum class Role { Viewer, Moderator, Admin };

/// "viewer", "moderator", "admin".
std::string_view toString(Role role) noexcept;

/// Absent for another text.
std::optional<Role> roleOf(std::string_view text) noexcept;

/// Somebody who may log in.
struct Account {
    std::string id;        ///< a UUID
    std::string email;     ///< as written at registration, trimmed
    std::string username;  ///< as written
    std::string passwordHash;
    std::string tier;  ///< the name of one of Tiers, at the time when it was given
    Role role = Role::Viewer;
    Time createdAt{};
    std::optional<Time> lastLoginAt;
    std::optional<Time> suspendedAt;
    std::string suspensionReason;

    bool isSuspended() const noexcept { return suspendedAt.has_value(); }
};

/// What its owner sees: {id, email, username, subscriptionTier, role, createdAt, lastLoginAt}. Times as in ISO 8601,
/// UTC with milliseconds; null for one that is not there.
boost::json::object toJson(const Account& account);

/// What administrators see: that, with {suspendedAt, suspensionReason}.
boost::json::object toAdministrationJson(const Account& account);

}  // namespace playhouse::auth
