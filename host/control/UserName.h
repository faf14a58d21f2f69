#pragma once

#include <sys/types.h>

#include <string>

namespace playhouse::host {

/// A user for people: "uid 1000 (anna)", or "uid 1000" when the system knows no name.
std::string userName(uid_t user);

}  // namespace playhouse::host
