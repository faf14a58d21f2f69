#include "../control/CapturedLog.h"
#include "Eventually.h"
#include "RedisFailures.h"
#include "RedisSettingsOf.h"

#include "platform/MetricsRegistry.h"
#include "platform/redis/RedisClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

using namespace playhouse::host;
using namespace playhouse::tests;

/// What callers see of a Redis that is not there, or not well.
class RedisFailureTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RedisFailureTest);
    CPPUNIT_TEST(oneThatWasNeverThereFailsCalls);
    CPPUNIT_TEST(oneThatHangsFailsCallsInTime);
    CPPUNIT_TEST(sendingToOneThatHangsFailsInTime);
    CPPUNIT_TEST(aRestartBetweenCallsIsNotNoticed);
    CPPUNIT_TEST(isUsedAgainOnceItIsBack);
    CPPUNIT_TEST(comesBackUnderLoad);
    CPPUNIT_TEST(aQuietOneThatGoesIsMissed);
    CPPUNIT_TEST(saysOnceThatItIsAwayAndOnceThatItIsBack);
    CPPUNIT_TEST(aWrongPasswordIsToldWithoutShowingIt);
    CPPUNIT_TEST(anUnknownDatabaseIsTold);
    CPPUNIT_TEST(aCallWaitsForAConnection);
    CPPUNIT_TEST(figuresTellWhetherItIsThere);
    CPPUNIT_TEST(stoppingLetsCallsFail);
    CPPUNIT_TEST_SUITE_END();

public:
    void oneThatWasNeverThereFailsCalls() {
        RedisServer server;
        server.kill();
        RedisClient redis(settingsOf(server));
        contains(failureOf(redis), "Redis at 127.0.0.1:" + std::to_string(server.port()) + " cannot be asked");
        contains(failureOf(redis), "Connection refused");
        server.start();
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
    }

    void oneThatHangsFailsCallsInTime() {
        RedisServer server;
        auto settings = settingsOf(server);
        RedisClient redis(settings);
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        redis.execute(redisCommand({"PING"}));
        server.pause();
        const auto began = std::chrono::steady_clock::now();
        contains(failureOf(redis), "did not answer in time");
        for (int call = 0; call < 200; ++call) failureOf(redis);
        // Each on its own would wait for half a second.
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began < std::chrono::seconds(50));
        server.resume();
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        CPPUNIT_ASSERT(redis.execute(redisCommand({"PING"})).text() == "PONG");
    }

    void sendingToOneThatHangsFailsInTime() {
        RedisServer server;
        auto settings = settingsOf(server);
        settings.maximumRetryInterval = std::chrono::minutes(1);
        RedisClient redis(settings);
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        redis.execute(redisCommand({"PING"}));
        server.pause();
        // More than all buffers on the way take.
        const std::string large(32 * 1024 * 1024, 'x');
        contains(failureOf(redis, redisCommand({"SET", "key", large})), "while sending");
        server.resume();
    }

    void aRestartBetweenCallsIsNotNoticed() {
        RedisServer server;
        auto settings = settingsOf(server);
        settings.maximumRetryInterval = std::chrono::minutes(1);
        RedisClient redis(settings);
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        redis.execute(redisCommand({"PING"}));
        server.kill();
        server.start();
        CPPUNIT_ASSERT(redis.execute(redisCommand({"PING"})).text() == "PONG");
    }

    void isUsedAgainOnceItIsBack() {
        RedisServer server;
        RedisClient redis(settingsOf(server));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        const auto changes = redis.changes();
        server.stop();
        CPPUNIT_ASSERT(eventually([&] { return failureOf(redis) != "it did not fail"; }));
        CPPUNIT_ASSERT(!redis.isUp());
        CPPUNIT_ASSERT(redis.changes() > changes);
        server.start();
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        CPPUNIT_ASSERT(redis.execute(redisCommand({"PING"})).text() == "PONG");
    }

    void comesBackUnderLoad() {
        RedisServer server;
        RedisClient redis(settingsOf(server));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        std::atomic<bool> done{false};
        std::atomic<int> wrong{0};
        std::atomic<int> answered{0};
        std::atomic<int> failed{0};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 8; ++thread)
            threads.emplace_back([&, thread] {
                for (int round = 0; !done; ++round) {
                    const auto text = std::to_string(thread) + "/" + std::to_string(round);
                    try {
                        if (redis.execute(redisCommand({"ECHO", text})).text() == text)
                            ++answered;
                        else
                            ++wrong;
                    } catch (const RedisAway&) {
                        ++failed;
                        std::this_thread::yield();
                    }
                }
            });
        const auto answersMore = [&] {
            const int before = answered;
            return eventually([&] { return answered > before + 100; });
        };
        const auto failsMore = [&] {
            const int before = failed;
            return eventually([&] { return failed > before; });
        };
        bool asPromised = answersMore();
        for (int round = 0; round < 3; ++round) {
            round == 0 ? server.kill() : round == 1 ? server.stop() : server.pause();
            asPromised = failsMore() && asPromised;
            round == 2 ? server.resume() : server.start();
            asPromised = answersMore() && asPromised;
        }
        done = true;
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT(asPromised);
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
    }

    void aQuietOneThatGoesIsMissed() {
        RedisServer server;
        RedisClient redis(settingsOf(server));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        server.pause();
        CPPUNIT_ASSERT(eventually([&] { return !redis.isUp(); }));
        server.resume();
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
    }

    void saysOnceThatItIsAwayAndOnceThatItIsBack() {
        const CapturedLog log("redis");
        RedisServer server;
        RedisClient redis(settingsOf(server));
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        server.kill();
        CPPUNIT_ASSERT(eventually([&] { return failureOf(redis) != "it did not fail"; }));
        for (int call = 0; call < 50; ++call) failureOf(redis);
        server.start();
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        const auto count = [&](const std::string& part) {
            int lines = 0;
            for (const auto& line : log.lines())
                if (line.find(part) != std::string::npos) ++lines;
            return lines;
        };
        CPPUNIT_ASSERT_EQUAL(1, count(" is away: "));
        CPPUNIT_ASSERT_EQUAL(1, count(" is back after "));
    }

    void aWrongPasswordIsToldWithoutShowingIt() {
        const CapturedLog log("redis");
        RedisServer server({"--requirepass", "the right one"});
        auto settings = settingsOf(server);
        {
            RedisClient without(settings);
            contains(failureOf(without), "NOAUTH");
        }
        settings.password = "guessed-wrong";
        {
            RedisClient wrong(settings);
            contains(failureOf(wrong), "it refuses the password of redis.url: WRONGPASS");
            CPPUNIT_ASSERT(failureOf(wrong).find("guessed-wrong") == std::string::npos);
        }
        settings.password = "the right one";
        RedisClient right(settings);
        CPPUNIT_ASSERT(right.waitUntilUp(soon()));
        CPPUNIT_ASSERT(right.execute(redisCommand({"PING"})).text() == "PONG");
        for (const auto& line : log.lines()) {
            CPPUNIT_ASSERT_MESSAGE(line, line.find("guessed-wrong") == std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(line, line.find("the right one") == std::string::npos);
        }
    }

    void anUnknownDatabaseIsTold() {
        RedisClient redis(settingsOf(sharedRedisServer(), 99));
        contains(failureOf(redis), "it refuses database 99 of redis.url: ERR DB index is out of range");
    }

    void aCallWaitsForAConnection() {
        auto settings = settingsOf(sharedRedisServer(), 4);
        RedisClient other(settings);
        CPPUNIT_ASSERT(other.waitUntilUp(soon()));
        settings.connections = 1;
        settings.patience = std::chrono::seconds(30);
        RedisClient redis(settings);
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        std::thread blocking([&] { redis.execute(redisCommand({"BLPOP", "list", "0"})); });
        const auto blocked = [&] {
            return other.execute(redisCommand({"CLIENT", "LIST"})).text().value_or("").find("cmd=blpop") !=
                   std::string::npos;
        };
        const bool isBlocked = eventually(blocked);
        std::atomic<bool> answered{false};
        std::thread waiting([&] { answered = redis.execute(redisCommand({"PING"})).text() == "PONG"; });
        const bool waited = !answered;
        other.execute(redisCommand({"LPUSH", "list", "x"}));
        blocking.join();
        waiting.join();
        CPPUNIT_ASSERT(isBlocked);
        CPPUNIT_ASSERT(waited);
        CPPUNIT_ASSERT(answered);
    }

    void figuresTellWhetherItIsThere() {
        MetricsRegistry metrics;
        RedisServer server;
        RedisClient redis(settingsOf(server), &metrics.registry());
        CPPUNIT_ASSERT(redis.waitUntilUp(soon()));
        redis.execute(redisCommand({"PING"}));
        contains(metrics.text(), "playhouse_redis_up 1");
        contains(metrics.text(), "playhouse_redis_commands_total 1");
        contains(metrics.text(), "playhouse_redis_connections{state=\"idle\"} 1");
        server.kill();
        CPPUNIT_ASSERT(eventually([&] { return failureOf(redis) != "it did not fail"; }));
        contains(metrics.text(), "playhouse_redis_up 0");
        contains(metrics.text(), "playhouse_redis_failures_total{reason=\"away\"} 1");
        contains(metrics.text(), "playhouse_redis_connections{state=\"idle\"} 0");
    }

    void stoppingLetsCallsFail() {
        RedisClient redis(settingsOf(sharedRedisServer(), 4));
        redis.stop();
        contains(failureOf(redis), "this server stops");
        CPPUNIT_ASSERT(!redis.waitUntilUp(soon()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisFailureTest);
