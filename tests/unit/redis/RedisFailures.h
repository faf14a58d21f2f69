#pragma once

#include "platform/redis/RedisClient.h"

#include <cppunit/TestAssert.h>

#include <string>

namespace playhouse::tests {

/// Why Redis cannot be asked, as a caller is told.
inline std::string failureOf(host::RedisClient& redis,
                             const host::RedisCommand& command = host::redisCommand({"GET", "key"})) {
    try {
        redis.execute(command);
    } catch (const host::RedisAway& problem) {
        return problem.what();
    }
    return "it did not fail";
}

inline void contains(const std::string& text, const std::string& part) {
    CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
}

}  // namespace playhouse::tests
