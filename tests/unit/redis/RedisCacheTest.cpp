#include "../control/CapturedLog.h"
#include "CacheTest.h"
#include "Eventually.h"
#include "RedisSettingsOf.h"

#include "platform/LoopThread.h"
#include "platform/MetricsRegistry.h"
#include "platform/cache/RedisCache.h"

#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeClock.h>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

/// Values in Redis.
class RedisCacheTest : public CacheTest {
    CPPUNIT_TEST_SUB_SUITE(RedisCacheTest, CacheTest);
    CPPUNIT_TEST(liesUnderThePluginsName);
    CPPUNIT_TEST(hostsShareIt);
    CPPUNIT_TEST(valuesEnd);
    CPPUNIT_TEST(aCountLivesFromItsBeginning);
    CPPUNIT_TEST(whileAwayCallersMayFail);
    CPPUNIT_TEST(whileAwayCallersMayStayOnThisHost);
    CPPUNIT_TEST(anotherTypeOfValueIsNotServed);
    CPPUNIT_TEST(whenFullTheOldValueGoesToo);
    CPPUNIT_TEST(whenFullCallersMayFail);
    CPPUNIT_TEST(whenFullThisHostFindsWhatItKeeps);
    CPPUNIT_TEST(whenFullWhatRedisHasStays);
    CPPUNIT_TEST(whatIsKeptWhileFullIsForgottenOnceThereIsRoom);
    CPPUNIT_TEST(aLoopThreadIsRefused);
    CPPUNIT_TEST_SUITE_END();

    testing::FakeClock clock_;
    MemoryCache local_{1024 * 1024, clock_};
    std::unique_ptr<RedisClient> redis_;
    std::unique_ptr<RedisCache> cache_;

    CacheStore& store() override { return *cache_; }

    /// One of its own, that takes no more values from fill() to makeRoom().
    struct FullRedis {
        FullRedis() { CPPUNIT_ASSERT(redis.waitUntilUp(soon())); }
        void fill() { redis.execute(redisCommand({"CONFIG", "SET", "maxmemory", "1000"})); }
        void makeRoom() { redis.execute(redisCommand({"CONFIG", "SET", "maxmemory", "0"})); }

        RedisServer server{{"--maxmemory-policy", "noeviction"}};
        MetricsRegistry metrics;
        testing::FakeClock clock;
        MemoryCache local{1024 * 1024, clock};
        RedisClient redis{settingsOf(server)};
        RedisCache store{redis, local, &metrics.registry(), std::chrono::milliseconds(0)};
        PluginCache cache{store, "chat"};
    };

    template <class Call>
    static std::string refusalOf(const Call& call) {
        try {
            call();
        } catch (const ApiError& problem) {
            return std::to_string(problem.status()) + " " + problem.code();
        }
        return "not refused";
    }

public:
    void setUp() override {
        redis_ = std::make_unique<RedisClient>(settingsOf(sharedRedisServer(), 5));
        cache_ = std::make_unique<RedisCache>(*redis_, local_);
        CPPUNIT_ASSERT(redis_->waitUntilUp(soon()));
        redis_->execute(redisCommand({"FLUSHDB"}));
    }

    void tearDown() override {
        cache_.reset();
        redis_.reset();
    }

    void liesUnderThePluginsName() {
        cacheOf("chat")->set("some key", "value", long_, fail_);
        CPPUNIT_ASSERT(redis_->execute(redisCommand({"GET", "playhouse:chat:some key"})).text() == "value");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, local_.size());
    }

    void hostsShareIt() {
        MemoryCache otherLocal(1024, clock_);
        RedisClient otherRedis(settingsOf(sharedRedisServer(), 5));
        CPPUNIT_ASSERT(otherRedis.waitUntilUp(soon()));
        RedisCache other(otherRedis, otherLocal);
        PluginCache otherChat(other, "chat");
        CPPUNIT_ASSERT(cacheOf("chat")->add("key", "here", long_, fail_));
        CPPUNIT_ASSERT(!otherChat.add("key", "there", long_, fail_));
        CPPUNIT_ASSERT(otherChat.get("key", fail_) == "here");
    }

    void valuesEnd() {
        const auto cache = cacheOf("chat");
        cache->set("key", "value", std::chrono::milliseconds(1), fail_);
        CPPUNIT_ASSERT(eventually([&] { return !cache->get("key", fail_); }));
        cache->add("key", "value", long_, fail_);
        const auto left = redis_->execute(redisCommand({"PTTL", "playhouse:chat:key"})).integer();
        CPPUNIT_ASSERT(left > 0 && left <= long_.count());
    }

    void aCountLivesFromItsBeginning() {
        const auto cache = cacheOf("chat");
        cache->increment("n", 1, std::chrono::milliseconds(10'000), fail_);
        cache->increment("n", 1, long_, fail_);
        const auto left = redis_->execute(redisCommand({"PTTL", "playhouse:chat:n"})).integer();
        CPPUNIT_ASSERT(left > 0 && left <= 10'000);
    }

    void whileAwayCallersMayFail() {
        RedisServer server;
        RedisClient redis(settingsOf(server));
        RedisCache store(redis, local_);
        PluginCache cache(store, "chat");
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        cache.set("key", "value", long_, fail_);
        server.kill();
        const std::string expected = "503 CACHE_UNAVAILABLE";
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { cache.get("key", fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { cache.set("key", "value", long_, fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { cache.add("key", "value", long_, fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { cache.increment("key", 1, long_, fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { cache.remove("key", fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] {
                                 cache.getOrMake(
                                     "key", long_, [] { return ""; }, fail_);
                             }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, local_.size());
    }

    void whileAwayCallersMayStayOnThisHost() {
        RedisServer server;
        RedisClient redis(settingsOf(server));
        RedisCache store(redis, local_);
        PluginCache cache(store, "chat");
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        const auto localToo = WhenAway::Local;
        cache.set("key", "in Redis", long_, localToo);
        server.kill();
        CPPUNIT_ASSERT(!cache.get("key", localToo));
        cache.set("key", "here", long_, localToo);
        CPPUNIT_ASSERT(cache.get("key", localToo) == "here");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, cache.increment("n", 2, long_, localToo));
        server.start();
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        CPPUNIT_ASSERT(!cache.get("key", localToo));
        // What was kept the first time is not found the second time.
        server.kill();
        CPPUNIT_ASSERT(eventually([&] { return refusalOf([&] { cache.get("x", fail_); }) != "not refused"; }));
        CPPUNIT_ASSERT(!cache.get("key", localToo));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, cache.increment("n", 1, long_, localToo));
    }

    void anotherTypeOfValueIsNotServed() {
        const auto cache = cacheOf("chat");
        redis_->execute(redisCommand({"LPUSH", "playhouse:chat:key", "x"}));
        CPPUNIT_ASSERT_EQUAL(std::string("503 CACHE_UNAVAILABLE"), refusalOf([&] { cache->get("key", fail_); }));
        CPPUNIT_ASSERT(!cache->get("key", WhenAway::Local));
        CPPUNIT_ASSERT_THROW(cache->increment("key", 1, long_, fail_), std::invalid_argument);
    }

    void whenFullTheOldValueGoesToo() {
        RedisServer server;
        RedisClient redis(settingsOf(server));
        RedisCache store(redis, local_);
        PluginCache cache(store, "chat");
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        cache.set("key", "old", long_, fail_);
        redis.execute(redisCommand({"CONFIG", "SET", "maxmemory", "1000"}));
        CPPUNIT_ASSERT_EQUAL(std::string("503 CACHE_UNAVAILABLE"),
                             refusalOf([&] { cache.set("key", "new", long_, fail_); }));
        CPPUNIT_ASSERT(!cache.get("key", fail_));
    }

    void whenFullCallersMayFail() {
        FullRedis full;
        full.fill();
        const std::string expected = "503 CACHE_UNAVAILABLE";
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { full.cache.set("key", "value", long_, fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { full.cache.add("key", "value", long_, fail_); }));
        CPPUNIT_ASSERT_EQUAL(expected, refusalOf([&] { full.cache.increment("key", 1, long_, fail_); }));
        CPPUNIT_ASSERT(!full.cache.get("key", fail_));
        CPPUNIT_ASSERT(!full.cache.remove("key", fail_));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, full.local.size());
    }

    void whenFullThisHostFindsWhatItKeeps() {
        FullRedis full;
        full.fill();
        auto& cache = full.cache;
        const auto here = WhenAway::Local;
        for (int round = 0; round < 2; ++round) {
            CPPUNIT_ASSERT(cache.add("key", "value", long_, here));
            CPPUNIT_ASSERT(!cache.add("key", "other", long_, here));
            CPPUNIT_ASSERT(cache.get("key", here) == "value");
            CPPUNIT_ASSERT(cache.remove("key", here));
            CPPUNIT_ASSERT(!cache.remove("key", here));
            CPPUNIT_ASSERT(!cache.get("key", here));
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, cache.increment("n", 1, long_, here));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, cache.increment("n", 1, long_, here));
        CPPUNIT_ASSERT(cache.get("n", here) == "2");
        cache.set("n", "new", long_, here);
        CPPUNIT_ASSERT(cache.get("n", here) == "new");
        // Who must be exact is told what all hosts see, and who removes removes it for all.
        CPPUNIT_ASSERT(!cache.get("n", fail_));
        CPPUNIT_ASSERT(cache.remove("n", fail_));
        CPPUNIT_ASSERT(!cache.get("n", here));
    }

    void whenFullWhatRedisHasStays() {
        FullRedis full;
        full.cache.set("key", "of all", long_, fail_);
        full.fill();
        CPPUNIT_ASSERT(!full.cache.add("key", "other", long_, WhenAway::Local));
        CPPUNIT_ASSERT(full.cache.get("key", WhenAway::Local) == "of all");
        CPPUNIT_ASSERT(full.cache.remove("key", WhenAway::Local));
        CPPUNIT_ASSERT(full.cache.add("key", "here", long_, WhenAway::Local));
        CPPUNIT_ASSERT(full.cache.get("key", WhenAway::Local) == "here");
    }

    void whatIsKeptWhileFullIsForgottenOnceThereIsRoom() {
        const CapturedLog log("redis");
        FullRedis full;
        full.fill();
        auto& cache = full.cache;
        for (int number = 0; number < 5; ++number) cache.add("key", "here", long_, WhenAway::Local);
        for (int number = 0; number < 5; ++number) cache.increment("n", 1, long_, WhenAway::Local);
        CPPUNIT_ASSERT(full.metrics.text().find("playhouse_cache_refused_total 2") != std::string::npos);
        full.makeRoom();
        cache.set("other", "value", long_, WhenAway::Local);
        CPPUNIT_ASSERT(!cache.get("key", WhenAway::Local));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, cache.increment("n", 1, long_, fail_));
        int refusals = 0;
        int ends = 0;
        for (const auto& line : log.lines()) {
            refusals += line.starts_with("Redis refuses values of the cache") ? 1 : 0;
            ends += line.starts_with("Redis takes values of the cache again") ? 1 : 0;
        }
        CPPUNIT_ASSERT_EQUAL(1, refusals);
        CPPUNIT_ASSERT_EQUAL(1, ends);
    }

    void aLoopThreadIsRefused() {
        const auto cache = cacheOf("chat");
        bool refused = false;
        std::thread([&] {
            markLoopThread();
            try {
                cache->get("key", WhenAway::Local);
            } catch (const std::logic_error&) {
                refused = true;
            }
        }).join();
        CPPUNIT_ASSERT(refused);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisCacheTest);
