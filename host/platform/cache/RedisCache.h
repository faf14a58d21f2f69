#pragma once

#include "MemoryCache.h"

#include "platform/redis/RedisClient.h"
#include "platform/redis/RedisScript.h"

#include <mutex>

namespace playhouse::host {

/// Values in Redis, under "playhouse:<key>". While Redis is away, callers that say WhenAway::Local use `local`, which
/// is emptied when Redis is back, and when it goes away once more.
class RedisCache final : public CacheStore {
public:
    /// Both outlive this; nobody else uses `local`.
    RedisCache(RedisClient& redis, MemoryCache& local);

    std::optional<std::string> get(const std::string& key, WhenAway whenAway) override;
    void set(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway) override;
    bool add(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway) override;
    std::int64_t increment(const std::string& key, std::int64_t by, std::chrono::milliseconds timeToLive,
                           WhenAway whenAway) override;
    bool remove(const std::string& key, WhenAway whenAway) override;

private:
    template <class Ask, class Fallback>
    auto orLocally(WhenAway whenAway, Ask ask, Fallback fallback) -> decltype(ask());

    MemoryCache& localOfNow();

    RedisClient& redis_;
    MemoryCache& local_;
    RedisScript increment_;
    std::mutex mutex_;
    std::uint64_t change_ = 0;  ///< redis_.changes() since which `local_` was not emptied
};

}  // namespace playhouse::host
