#include "RedisCache.h"

#include <playhouse/ApiError.h>

#include <Poco/Logger.h>

#include <prometheus/counter.h>
#include <prometheus/registry.h>

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

Poco::Logger& cacheLogger() {
    return Poco::Logger::get("redis");
}

ApiError cacheUnavailable(const std::string& reason) {
    cacheLogger().debug("a cache call failed: " + reason);
    return {503, "CACHE_UNAVAILABLE", "The cache cannot be reached at the moment; try again."};
}

}  // namespace

RedisCache::RedisCache(RedisClient& redis, MemoryCache& local, prometheus::Registry* figures,
                       std::chrono::milliseconds calm)
    : redis_(redis), local_(local), increment_(incrementSource), calm_(calm) {
    if (figures)
        refused_ = &prometheus::BuildCounter()
                        .Name("playhouse_cache_refused_total")
                        .Help("Values that Redis did not take, as it is full")
                        .Register(*figures)
                        .Add({});
}

template <class Ask, class Fallback>
auto RedisCache::orLocally(WhenAway whenAway, Ask ask, Fallback fallback) -> decltype(ask()) {
    try {
        return ask();
    } catch (const RedisAway& problem) {
        if (whenAway == WhenAway::Fail) throw cacheUnavailable(problem.what());
    } catch (const RedisError& problem) {
        if (whenAway == WhenAway::Fail) throw cacheUnavailable(problem.what());
    }
    return fallback(localOfNow());
}

MemoryCache& RedisCache::localOfNow() {
    const std::lock_guard lock(mutex_);
    if (const auto change = redis_.changes(); change != change_) {
        change_ = change;
        full_ = false;
        local_.clear();
    }
    return local_;
}

MemoryCache* RedisCache::localOfFull() {
    if (!full_) return nullptr;
    auto& local = localOfNow();
    return full_ ? &local : nullptr;
}

void RedisCache::noteTaken() {
    if (!full_) return;
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() - lastRefusal_ < calm_ || !full_.exchange(false)) return;
    local_.clear();
    cacheLogger().information("Redis takes values of the cache again");
}

void RedisCache::noteRefusal(const std::string& reason) {
    if (refused_) refused_->Increment();
    static_cast<void>(localOfNow());
    const std::lock_guard lock(mutex_);
    lastRefusal_ = std::chrono::steady_clock::now();
    if (full_.exchange(true)) return;
    cacheLogger().warning(
        "Redis refuses values of the cache, which this host keeps for itself where it may until Redis takes "
        "them again; raise its maxmemory, or let it evict: " +
        reason);
}

std::optional<std::string> RedisCache::get(const std::string& key, WhenAway whenAway) {
    if (auto* const local = whenAway == WhenAway::Local ? localOfFull() : nullptr)
        if (auto kept = local->get(key, whenAway)) return kept;
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
    if (auto* const local = localOfFull()) local->remove(key, whenAway);
    orLocally(
        whenAway,
        [&] {
            const auto reply = redis_.pipeline(std::array{redisCommand({"SET", name, value, "PX", lifetime})}).front();
            if (!reply.isError()) return noteTaken();
            noteRefusal(reply.errorText());
            // Where there is no room for the new value, the old one is not to be found either.
            static_cast<void>(redis_.execute(redisCommand({"DEL", name})));
            throw RedisError(reply.errorText());
        },
        [&](MemoryCache& local) { local.set(key, value, timeToLive, whenAway); });
}

bool RedisCache::add(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway) {
    const auto name = nameOf(key);
    const auto lifetime = std::to_string(timeToLive.count());
    if (auto* const local = whenAway == WhenAway::Local ? localOfFull() : nullptr)
        if (local->get(key, whenAway)) return false;
    return orLocally(
        whenAway,
        [&] {
            const auto reply =
                redis_.pipeline(std::array{redisCommand({"SET", name, value, "PX", lifetime, "NX"})}).front();
            if (!reply.isError()) {
                noteTaken();
                return reply.text().has_value();
            }
            noteRefusal(reply.errorText());
            // It has refused without a look whether there is one.
            if (redis_.execute(redisCommand({"EXISTS", name})).integer() > 0) return false;
            throw RedisError(reply.errorText());
        },
        [&](MemoryCache& local) { return local.add(key, value, timeToLive, whenAway); });
}

std::int64_t RedisCache::increment(const std::string& key, std::int64_t by, std::chrono::milliseconds timeToLive,
                                   WhenAway whenAway) {
    // A count that has begun here goes on here.
    if (auto* const local = whenAway == WhenAway::Local ? localOfFull() : nullptr)
        if (local->get(key, whenAway)) return local->increment(key, by, timeToLive, whenAway);
    return orLocally(
        whenAway,
        [&] {
            try {
                const auto sum =
                    increment_.run(redis_, {nameOf(key)}, {std::to_string(by), std::to_string(timeToLive.count())});
                noteTaken();
                return static_cast<std::int64_t>(std::stoll(sum.text().value_or("")));
            } catch (const RedisError& problem) {
                const std::string text = problem.what();
                if (text.find("not an integer") != std::string::npos || problem.code() == "WRONGTYPE")
                    throw std::invalid_argument("the cached value is no whole number");
                if (text.find("overflow") != std::string::npos)
                    throw std::invalid_argument("the cached number would not fit into 64 bits");
                noteRefusal(text);
                throw;
            }
        },
        [&](MemoryCache& local) { return local.increment(key, by, timeToLive, whenAway); });
}

bool RedisCache::remove(const std::string& key, WhenAway whenAway) {
    auto* const kept = localOfFull();
    const bool wasHere = kept && kept->remove(key, whenAway);
    const bool wasThere = orLocally(
        whenAway,
        [&] {
            return redis_.execute(redisCommand({"DEL", nameOf(key)})).integer() > 0;
        },
        [&](MemoryCache& local) { return local.remove(key, whenAway); });
    return wasHere || wasThere;
}

}  // namespace playhouse::host
