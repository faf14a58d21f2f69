#include <playhouse/Identity.h>

#include <algorithm>

namespace playhouse {

bool Identity::hasRole(std::string_view role) const noexcept {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool Access::allows(const Identity& identity) const noexcept {
    return kind_ != Kind::Role ||
           std::any_of(roles_.begin(), roles_.end(), [&](const auto& role) { return identity.hasRole(role); });
}

}  // namespace playhouse
