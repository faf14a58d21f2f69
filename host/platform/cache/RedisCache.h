#pragma once

#include "MemoryCache.h"

#include "platform/redis/RedisClient.h"
#include "platform/redis/RedisScript.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace playhouse::host {

/// Values in Redis, under "playhouse:<key>". While Redis is away, callers that say WhenAway::Local use `local`, which
/// is emptied when Redis is back, and when it goes away once more.
///
/// A Redis that is full reads and removes, but refuses to write. What it refuses to such callers is kept in `local`,
/// where they find it before what Redis has, until Redis has refused nothing for a while: it may have room for one
/// value and none for the next. Both are logged, once.
class RedisCache final : public CacheStore {
public:
    /// What is given by reference outlives this; nobody else uses `local`.
    ///
    /// @param figures  null: none; outlives this
    /// @param calm     without a refusal, until a Redis that was full counts as one that has room
    RedisCache(RedisClient& redis, MemoryCache& local, prometheus::Registry* figures = nullptr,
               std::chrono::milliseconds calm = std::chrono::seconds(10));

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

    /// `local_` when Redis is full, and so may have refused what lies there; else null.
    MemoryCache* localOfFull();

    void noteTaken();
    void noteRefusal(const std::string& reason);

    RedisClient& redis_;
    MemoryCache& local_;
    RedisScript increment_;
    const std::chrono::milliseconds calm_;
    prometheus::Counter* refused_ = nullptr;
    std::atomic<bool> full_{false};
    std::mutex mutex_;
    std::uint64_t change_ = 0;  ///< redis_.changes() since which `local_` was not emptied
    std::chrono::steady_clock::time_point lastRefusal_{};
};

}  // namespace playhouse::host
