#include "../control/CapturedLog.h"
#include "BusHost.h"
#include "BusListener.h"

#include "limits/SharedRateLimiter.h"
#include "platform/cache/PluginCache.h"
#include "platform/cache/RedisCache.h"
#include "platform/redis/RedisAtomicScripts.h"

#include <playhouse/testing/FakeClock.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

/// A user of Redis with no more rights than the documentation gives it.
class RedisUserTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RedisUserTest);
    CPPUNIT_TEST(hearsOtherHostsAndIsHeard);
    CPPUNIT_TEST(cachesAndRunsScripts);
    CPPUNIT_TEST(mayDoNothingElse);
    CPPUNIT_TEST(oneThatLacksTheRightToListenIsToldWhich);
    CPPUNIT_TEST_SUITE_END();

    RedisServer server_;
    const RedisSettings settings_ = forTests(parseRedisUrl(server_.urlOfDocumentedUser()));

public:
    void hearsOtherHostsAndIsHeard() {
        BusHost here(settings_);
        BusHost there(settings_);
        CPPUNIT_ASSERT(here.isListening() && there.isListening());
        BusListener listener(there.hub);
        listener.listen({"topic"});
        here.hub.publish("topic", "news", WhenAway::Fail);
        CPPUNIT_ASSERT((listener.waitFor(1) == std::vector<std::string>{"other topic news"}));
    }

    void cachesAndRunsScripts() {
        testing::FakeClock clock;
        MemoryCache local(1024, clock);
        RedisClient redis(settings_);
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        RedisCache store(redis, local);
        PluginCache cache(store, "chat");
        constexpr std::chrono::minutes minute{1};
        cache.set("key", "value", minute, WhenAway::Fail);
        CPPUNIT_ASSERT(cache.get("key", WhenAway::Fail) == "value");
        CPPUNIT_ASSERT(!cache.add("key", "other", minute, WhenAway::Fail));
        CPPUNIT_ASSERT(cache.remove("key", WhenAway::Fail));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, cache.increment("n", 2, minute, WhenAway::Fail));
        RedisAtomicScripts scripts(redis);
        const std::vector<std::string> keys{"playhouse:limit:chat"};
        const std::vector<std::string> window{"60000"};
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, scripts.run(SharedRateLimiter::script, keys, window).front());
    }

    void mayDoNothingElse() {
        RedisClient redis(settings_);
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        for (const auto& forbidden : {redisCommand({"GET", "other:key"}), redisCommand({"PUBLISH", "other", "text"}),
                                      redisCommand({"CONFIG", "GET", "*"})})
            CPPUNIT_ASSERT_THROW(redis.execute(forbidden), RedisError);
    }

    void oneThatLacksTheRightToListenIsToldWhich() {
        const CapturedLog log("redis");
        RedisClient administrator(settingsOf(server_));
        CPPUNIT_ASSERT(administrator.waitUntilUp(soon()));
        administrator.execute(redisCommand({"ACL", "SETUSER", "playhouse", "resetchannels", "&playhouse:*"}));
        BusHost host(settings_);
        const auto isTold = [&] {
            for (const auto& line : log.lines())
                if (line.find("ACL SETUSER <user> '&playhouse:bus:0:*'") != std::string::npos) return true;
            return false;
        };
        CPPUNIT_ASSERT(eventually(isTold));
        CPPUNIT_ASSERT(!host.bus.isListening());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisUserTest);
