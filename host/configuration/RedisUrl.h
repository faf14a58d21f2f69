#pragma once

#include "platform/redis/RedisSettings.h"

#include <string>

namespace playhouse::host {

/// Reads `redis://[user][:password@]host[:port][/database]`, where everything but host and port may be percent-encoded
/// (RFC 3986 section 2.1): the settings with these set. Throws std::invalid_argument saying what is wrong, and never
/// showing the password.
RedisSettings parseRedisUrl(const std::string& url);

}  // namespace playhouse::host
