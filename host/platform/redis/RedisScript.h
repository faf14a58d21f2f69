#pragma once

#include "RedisReply.h"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace playhouse::host {

class RedisClient;

/// A Lua script, which Redis runs as one: nothing else comes in between. Sent by its digest, and whole when Redis does
/// not know it. Safe from any thread.
class RedisScript {
public:
    explicit RedisScript(std::string source);

    /// Throws RedisAway, and RedisError when the script answers with an error.
    RedisReply run(RedisClient& redis, std::initializer_list<std::string_view> keys,
                   std::initializer_list<std::string_view> arguments) const;

    /// As above.
    RedisReply run(RedisClient& redis, std::span<const std::string> keys, std::span<const std::string> arguments) const;

private:
    std::string source_;
    std::string digest_;
};

}  // namespace playhouse::host
