#include "RedisScript.h"

#include "RedisClient.h"

#include <Poco/SHA1Engine.h>

#include <utility>
#include <vector>

namespace playhouse::host {

RedisScript::RedisScript(std::string source) : source_(std::move(source)) {
    Poco::SHA1Engine engine;
    engine.update(source_);
    digest_ = Poco::DigestEngine::digestToHex(engine.digest());
}

RedisReply RedisScript::run(RedisClient& redis, std::initializer_list<std::string_view> keys,
                            std::initializer_list<std::string_view> arguments) const {
    return run(redis, std::vector<std::string>(keys.begin(), keys.end()),
               std::vector<std::string>(arguments.begin(), arguments.end()));
}

RedisReply RedisScript::run(RedisClient& redis, std::span<const std::string> keys,
                            std::span<const std::string> arguments) const {
    const auto command = [&](const char* name, const std::string& script) {
        auto words = redisCommand({name, script, std::to_string(keys.size())});
        for (const auto& key : keys) words.add(key);
        for (const auto& argument : arguments) words.add(argument);
        return words;
    };
    try {
        return redis.execute(command("EVALSHA", digest_));
    } catch (const RedisError& problem) {
        if (problem.code() != "NOSCRIPT") throw;
        return redis.execute(command("EVAL", source_));
    }
}

}  // namespace playhouse::host
