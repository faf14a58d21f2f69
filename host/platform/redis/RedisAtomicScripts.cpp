#include "RedisAtomicScripts.h"

#include "RedisClient.h"

namespace playhouse::host {

std::vector<std::int64_t> RedisAtomicScripts::run(std::string_view script, std::span<const std::string> keys,
                                                  std::span<const std::string> arguments) {
    std::vector<std::int64_t> numbers;
    for (const auto& number : prepared(script).run(redis_, keys, arguments).array())
        numbers.push_back(number.integer());
    return numbers;
}

const RedisScript& RedisAtomicScripts::prepared(std::string_view script) {
    const std::lock_guard lock(mutex_);
    const auto known = scripts_.find(script);
    if (known != scripts_.end()) return known->second;
    return scripts_.emplace(std::string(script), RedisScript(std::string(script))).first->second;
}

}  // namespace playhouse::host
