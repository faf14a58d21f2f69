#pragma once

#include <string_view>

namespace playhouse::host {

inline constexpr std::string_view hostVersion = PLAYHOUSE_VERSION;
inline constexpr std::string_view buildType = PLAYHOUSE_BUILD_TYPE;

}  // namespace playhouse::host
