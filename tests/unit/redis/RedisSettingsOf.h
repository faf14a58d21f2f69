#pragma once

#include "configuration/RedisUrl.h"
#include "services/RedisServer.h"

#include <chrono>

namespace playhouse::tests {

/// For tests: impatient enough to be quick, and patient enough for a busy machine.
inline host::RedisSettings forTests(host::RedisSettings settings) {
    settings.connections = 4;
    settings.retryInterval = std::chrono::milliseconds(10);
    settings.maximumRetryInterval = std::chrono::milliseconds(200);
    return settings;
}

inline host::RedisSettings settingsOf(const RedisServer& server, int database = 0) {
    return forTests(host::parseRedisUrl(server.url() + "/" + std::to_string(database)));
}

inline std::chrono::steady_clock::time_point soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

}  // namespace playhouse::tests
