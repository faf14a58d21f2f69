#pragma once

#include "RedisScript.h"

#include "limits/AtomicScripts.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace playhouse::host {

/// The scripts of limits, in the Redis of the host. Each text is prepared once, and kept.
class RedisAtomicScripts final : public AtomicScripts {
public:
    /// `redis` outlives this.
    explicit RedisAtomicScripts(RedisClient& redis) : redis_(redis) {}

    /// Throws RedisAway, and RedisError when the script answers anything but an array of whole numbers.
    std::vector<std::int64_t> run(std::string_view script, std::span<const std::string> keys,
                                  std::span<const std::string> arguments) override;

private:
    const RedisScript& prepared(std::string_view script);

    RedisClient& redis_;
    std::mutex mutex_;
    std::map<std::string, RedisScript, std::less<>> scripts_;
};

}  // namespace playhouse::host
