#include "RedisCache.h"

#include <playhouse/ApiError.h>

#include <Poco/Logger.h>

#include <array>
#include <stdexcept>

namespace playhouse::host {
namespace {

/// Numbers in Lua have 53 bits: so the sum is read as it is written.
constexpr const char* incrementSource = R"(
redis.call('SET', KEYS[1], '0', 'PX', ARGV[2], 'NX')
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' and sum.err then return sum end
return redis.call('GET', KEYS[1])
)";

std::string nameOf(const std::string& key) {
    return "playhouse:" + key;
}

ApiError cacheUnavailable(const std::string& reason) {
    Poco::Logger::get("redis").debug("a cache call failed: " + reason);
    return {503, "CACHE_UNAVAILABLE", "The cache cannot be reached at the moment; try again."};
}

}  // namespace

RedisCache::RedisCache(RedisClient& redis, MemoryCache& local)
    : redis_(redis), local_(local), increment_(incrementSource) {}

template <class Ask, class Fallback>
auto RedisCache::orLocally(WhenAway whenAway, Ask ask, Fallback fallback) -> decltype(ask()) {
    try {
        return ask();
    } catch (const RedisAway& problem) {
        if (whenAway == WhenAway::Fail) throw cacheUnavailable(problem.what());
    } catch (const RedisError& problem) {
        // Out of memory, say.
        if (whenAway == WhenAway::Fail) throw cacheUnavailable(problem.what());
    }
    return fallback(localOfNow());
}

MemoryCache& RedisCache::localOfNow() {
    const std::lock_guard lock(mutex_);
    if (const auto change = redis_.changes(); change != change_) {
        change_ = change;
        local_.clear();
    }
    return local_;
}

std::optional<std::string> RedisCache::get(const std::string& key, WhenAway whenAway) {
    return orLocally(
        whenAway,
        [&] {
            return redis_.execute(redisCommand({"GET", nameOf(key)})).text();
        },
        [&](MemoryCache& local) { return local.get(key, whenAway); });
}

void RedisCache::set(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway) {
    const auto name = nameOf(key);
    const auto lifetime = std::to_string(timeToLive.count());
    orLocally(
        whenAway,
        [&] {
            const auto reply = redis_.pipeline(std::array{redisCommand({"SET", name, value, "PX", lifetime})}).front();
            if (!reply.isError()) return;
            // Where there is no room for the new value, the old one is not to be found either.
            static_cast<void>(redis_.execute(redisCommand({"DEL", name})));
            throw RedisError(reply.errorText());
        },
        [&](MemoryCache& local) { local.set(key, value, timeToLive, whenAway); });
}

bool RedisCache::add(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway) {
    const auto lifetime = std::to_string(timeToLive.count());
    return orLocally(
        whenAway,
        [&] {
            return redis_.execute(redisCommand({"SET", nameOf(key), value, "PX", lifetime, "NX"})).text().has_value();
        },
        [&](MemoryCache& local) { return local.add(key, value, timeToLive, whenAway); });
}

std::int64_t RedisCache::increment(const std::string& key, std::int64_t by, std::chrono::milliseconds timeToLive,
                                   WhenAway whenAway) {
    return orLocally(
        whenAway,
        [&] {
            try {
                const auto sum =
                    increment_.run(redis_, {nameOf(key)}, {std::to_string(by), std::to_string(timeToLive.count())});
                return static_cast<std::int64_t>(std::stoll(sum.text().value_or("")));
            } catch (const RedisError& problem) {
                const std::string text = problem.what();
                if (text.find("not an integer") != std::string::npos || problem.code() == "WRONGTYPE")
                    throw std::invalid_argument("the cached value is no whole number");
                if (text.find("overflow") != std::string::npos)
                    throw std::invalid_argument("the cached number would not fit into 64 bits");
                throw;
            }
        },
        [&](MemoryCache& local) { return local.increment(key, by, timeToLive, whenAway); });
}

bool RedisCache::remove(const std::string& key, WhenAway whenAway) {
    return orLocally(
        whenAway,
        [&] {
            return redis_.execute(redisCommand({"DEL", nameOf(key)})).integer() > 0;
        },
        [&](MemoryCache& local) { return local.remove(key, whenAway); });
}

}  // namespace playhouse::host
