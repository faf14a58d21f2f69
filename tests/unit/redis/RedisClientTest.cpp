#include "RedisSettingsOf.h"

#include "platform/LoopThread.h"
#include "platform/redis/RedisClient.h"
#include "platform/redis/RedisScript.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace playhouse::host;
using namespace playhouse::tests;

/// What a Redis that is there answers.
class RedisClientTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RedisClientTest);
    CPPUNIT_TEST(carriesAnyBytes);
    CPPUNIT_TEST(answersEachKindOfReply);
    CPPUNIT_TEST(answersAPipelineInItsOrderErrorsIncluded);
    CPPUNIT_TEST(aRefusedCommandSaysWhy);
    CPPUNIT_TEST(anAnswerOfAnotherTypeIsAnError);
    CPPUNIT_TEST(databasesAreApart);
    CPPUNIT_TEST(manyThreadsShareFewConnections);
    CPPUNIT_TEST(aScriptRunsAlsoWhereItIsNotKnown);
    CPPUNIT_TEST(aScriptsErrorIsAnError);
    CPPUNIT_TEST(aLoopThreadIsRefused);
    CPPUNIT_TEST(aUserWithAPasswordIsLetIn);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<RedisClient> redis_;

public:
    void setUp() override {
        redis_ = std::make_unique<RedisClient>(settingsOf(sharedRedisServer(), 1));
        CPPUNIT_ASSERT(redis_->waitUntilUp(soon()));
        redis_->execute(redisCommand({"FLUSHDB"}));
    }

    void tearDown() override { redis_.reset(); }

    void carriesAnyBytes() {
        std::string bytes;
        for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
        bytes += std::string("\r\n$3\r\n\0\xff\xfe", 10);
        redis_->execute(redisCommand({"SET", bytes, bytes}));
        CPPUNIT_ASSERT(redis_->execute(redisCommand({"GET", bytes})).text() == bytes);
        redis_->execute(redisCommand({"SET", "empty", ""}));
        CPPUNIT_ASSERT(redis_->execute(redisCommand({"GET", "empty"})).text() == "");
        const std::string large(1024 * 1024, 'x');
        redis_->execute(redisCommand({"SET", "large", large}));
        CPPUNIT_ASSERT(redis_->execute(redisCommand({"GET", "large"})).text() == large);
    }

    void answersEachKindOfReply() {
        CPPUNIT_ASSERT(redis_->execute(redisCommand({"SET", "key", "value"})).text() == "OK");
        CPPUNIT_ASSERT(!redis_->execute(redisCommand({"GET", "nothing"})).text());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-5}, redis_->execute(redisCommand({"INCRBY", "n", "-5"})).integer());
        const auto list = redis_->execute(redisCommand({"MGET", "key", "nothing"})).array();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list.size());
        CPPUNIT_ASSERT(list[0].text() == "value" && !list[1].text());
    }

    void answersAPipelineInItsOrderErrorsIncluded() {
        const std::array commands{redisCommand({"SET", "a", "1"}), redisCommand({"LPUSH", "a", "x"}),
                                  redisCommand({"INCR", "a"})};
        const auto replies = redis_->pipeline(commands);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, replies.size());
        CPPUNIT_ASSERT(replies[0].text() == "OK");
        CPPUNIT_ASSERT(replies[1].errorText().starts_with("WRONGTYPE"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, replies[2].integer());
    }

    void aRefusedCommandSaysWhy() {
        redis_->execute(redisCommand({"SET", "text", "x"}));
        try {
            redis_->execute(redisCommand({"LPUSH", "text", "x"}));
            CPPUNIT_FAIL("not refused");
        } catch (const RedisError& problem) {
            CPPUNIT_ASSERT_EQUAL(std::string("WRONGTYPE"), problem.code());
        }
        CPPUNIT_ASSERT(redis_->isUp());
    }

    void anAnswerOfAnotherTypeIsAnError() {
        redis_->execute(redisCommand({"SET", "text", "x"}));
        const auto text = redis_->execute(redisCommand({"GET", "text"}));
        CPPUNIT_ASSERT_THROW(text.integer(), RedisError);
        CPPUNIT_ASSERT_THROW(text.array(), RedisError);
        CPPUNIT_ASSERT_THROW(redis_->execute(redisCommand({"DEL", "text"})).text(), RedisError);
    }

    void databasesAreApart() {
        RedisClient other(settingsOf(sharedRedisServer(), 2));
        CPPUNIT_ASSERT(other.waitUntilUp(soon()));
        redis_->execute(redisCommand({"SET", "key", "of 1"}));
        CPPUNIT_ASSERT(!other.execute(redisCommand({"GET", "key"})).text());
    }

    void manyThreadsShareFewConnections() {
        std::atomic<int> failures{0};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 16; ++thread)
            threads.emplace_back([&, thread] {
                for (int round = 0; round < 50; ++round) {
                    const auto text = std::to_string(thread) + "-" + std::to_string(round);
                    if (redis_->execute(redisCommand({"ECHO", text})).text() != text) ++failures;
                    redis_->execute(redisCommand({"INCR", "rounds"}));
                }
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(0, failures.load());
        CPPUNIT_ASSERT(redis_->execute(redisCommand({"GET", "rounds"})).text() == "800");
        const auto clients = redis_->execute(redisCommand({"CLIENT", "LIST"})).text().value_or("");
        std::size_t mine = 0;
        for (auto at = clients.find(" db=1 "); at != std::string::npos; at = clients.find(" db=1 ", at + 1)) ++mine;
        CPPUNIT_ASSERT_MESSAGE(clients, mine >= 1 && mine <= redis_->settings().connections);
    }

    void aScriptRunsAlsoWhereItIsNotKnown() {
        const RedisScript script("return {KEYS[1], ARGV[1], 7}");
        redis_->execute(redisCommand({"SCRIPT", "FLUSH"}));
        for (int round = 0; round < 2; ++round) {
            const auto answer = script.run(*redis_, {"key"}, {std::string("a\0b", 3)}).array();
            CPPUNIT_ASSERT_EQUAL(std::size_t{3}, answer.size());
            CPPUNIT_ASSERT(answer[0].text() == "key");
            CPPUNIT_ASSERT(answer[1].text() == std::string("a\0b", 3));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, answer[2].integer());
        }
        const auto calls = redis_->execute(redisCommand({"INFO", "commandstats"})).text().value_or("");
        CPPUNIT_ASSERT(calls.find("cmdstat_eval:") != std::string::npos);
        CPPUNIT_ASSERT(calls.find("cmdstat_evalsha:") != std::string::npos);
    }

    void aScriptsErrorIsAnError() {
        CPPUNIT_ASSERT_THROW(RedisScript("return redis.error_reply('BROKEN it is')").run(*redis_, {}, {}), RedisError);
        CPPUNIT_ASSERT_THROW(RedisScript("this is no Lua").run(*redis_, {}, {}), RedisError);
    }

    void aLoopThreadIsRefused() {
        std::string refusal;
        std::thread([&] {
            markLoopThread();
            try {
                redis_->execute(redisCommand({"PING"}));
            } catch (const std::logic_error& problem) {
                refusal = problem.what();
            }
        }).join();
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("Execution::Inline") != std::string::npos);
    }

    void aUserWithAPasswordIsLetIn() {
        redis_->execute(redisCommand({"ACL", "SETUSER", "ann", "on", ">p@ss/w:rd", "~*", "&*", "+@all"}));
        auto settings = settingsOf(sharedRedisServer(), 3);
        settings.user = "ann";
        settings.password = "p@ss/w:rd";
        RedisClient ann(settings);
        CPPUNIT_ASSERT(ann.waitUntilUp(soon()));
        CPPUNIT_ASSERT(ann.execute(redisCommand({"ACL", "WHOAMI"})).text() == "ann");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisClientTest);
