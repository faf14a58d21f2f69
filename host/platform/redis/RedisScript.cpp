#include "RedisScript.h"

#include "RedisClient.h"

#include <Poco/SHA1Engine.h>

#include <utility>

namespace playhouse::host {

RedisScript::RedisScript(std::string source) : source_(std::move(source)) {
    Poco::SHA1Engine engine;
    engine.update(source_);
    digest_ = Poco::DigestEngine::digestToHex(engine.digest());
}

RedisReply RedisScript::run(RedisClient& redis, std::initializer_list<std::string_view> keys,
                            std::initializer_list<std::string_view> arguments) const {
    const auto command = [&](const char* name, const std::string& script) {
        auto words = redisCommand({name, script, std::to_string(keys.size())});
        for (const auto key : keys) words.add(std::string(key));
        for (const auto argument : arguments) words.add(std::string(argument));
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
