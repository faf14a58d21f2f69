#pragma once

#include "platform/redis/RedisSettings.h"

#include <filesystem>
#include <string>

namespace playhouse::host {

/// Reads `redis://[user][:password@]host[:port][/database]`, where everything but host and port may be percent-encoded
/// (RFC 3986 section 2.1): the settings with these set. Throws std::invalid_argument saying what is wrong, and never
/// showing the password.
///
/// `rediss://` is the same with TLS; `authorities` are those of serverTrust(), which throws std::runtime_error.
RedisSettings parseRedisUrl(const std::string& url, const std::filesystem::path& authorities = {});

}  // namespace playhouse::host
