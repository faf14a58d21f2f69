#include "RedisFailures.h"
#include "RedisSettingsOf.h"
#include "StubbornRedis.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;
using namespace playhouse::tests;

/// What callers see of answers that are no good.
class RedisAnswersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RedisAnswersTest);
    CPPUNIT_TEST(oneThatLoadsItsDataIsAway);
    CPPUNIT_TEST(oneThatIsFullIsThereButRefuses);
    CPPUNIT_TEST(anAnswerThatEndsHalfwayIsNoAnswer);
    CPPUNIT_TEST(somethingElseThanRedisIsTold);
    CPPUNIT_TEST_SUITE_END();

    static RedisSettings at(std::uint16_t port) {
        RedisSettings settings;
        settings.host = "127.0.0.1";
        settings.port = port;
        settings.retryInterval = std::chrono::milliseconds(10);
        settings.maximumRetryInterval = std::chrono::milliseconds(50);
        return settings;
    }

public:
    void oneThatLoadsItsDataIsAway() {
        const std::string loading = "-LOADING Redis is loading the dataset in memory\r\n";
        {
            const StubbornRedis server(loading, loading);
            RedisClient redis(at(server.port()));
            contains(failureOf(redis), "it says: LOADING");
        }
        const StubbornRedis server("+PONG\r\n", loading);
        RedisClient redis(at(server.port()));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        contains(failureOf(redis), "it says: LOADING");
    }

    void oneThatIsFullIsThereButRefuses() {
        RedisServer server({"--maxmemory", "1000", "--maxmemory-policy", "noeviction"});
        RedisClient redis(settingsOf(server));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        try {
            redis.execute(redisCommand({"SET", "key", "value"}));
            CPPUNIT_FAIL("it has room");
        } catch (const RedisError& problem) {
            CPPUNIT_ASSERT_EQUAL(std::string("OOM"), problem.code());
        }
        CPPUNIT_ASSERT(redis.isUp());
    }

    void anAnswerThatEndsHalfwayIsNoAnswer() {
        const StubbornRedis server("+PONG\r\n", "$100\r\nthe beginning");
        RedisClient redis(at(server.port()));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        contains(failureOf(redis), "did not answer in time");
    }

    void somethingElseThanRedisIsTold() {
        const std::string http = "HTTP/1.1 400 Bad Request\r\n\r\n";
        {
            const StubbornRedis server(http, http);
            RedisClient redis(at(server.port()));
            contains(failureOf(redis), "does not speak as Redis does");
        }
        for (const auto* const answer : {"$x\r\n", "*2\r\n:1\r\n?\r\n", ":many\r\n"}) {
            const StubbornRedis server("+PONG\r\n", answer);
            RedisClient redis(at(server.port()));
            CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
            contains(failureOf(redis), "cannot be asked");
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisAnswersTest);
