#include "../edge/Certificates.h"
#include "BusHost.h"
#include "BusListener.h"
#include "RedisFailures.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

/// A Redis at rediss://: the same behind TLS, and only the one that was meant.
class RedisTlsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RedisTlsTest);
    CPPUNIT_TEST(largeAnswersComeWhole);
    CPPUNIT_TEST(manyThreadsShareFewConnections);
    CPPUNIT_TEST(aConnectionIsUsedAgain);
    CPPUNIT_TEST(aPasswordIsSentBehindIt);
    CPPUNIT_TEST(messagesArrive);
    CPPUNIT_TEST(oneThatNobodyKnowsIsRefused);
    CPPUNIT_TEST(theCertificateOfAnotherHostIsRefused);
    CPPUNIT_TEST(oneThatHasExpiredIsRefused);
    CPPUNIT_TEST(aRedisWithoutTlsIsRefused);
    CPPUNIT_TEST(oneThatHangsIsToldInTime);
    CPPUNIT_TEST(oneThatGoesComesBack);
    CPPUNIT_TEST_SUITE_END();

    const Certificates certificates_;
    const Certificates::Files files_ = certificates_.make("redis");
    RedisServer server_{{"--bind", "127.0.0.1", "127.0.0.2"}, RedisServer::Certificate{files_.certificate, files_.key}};

    RedisSettings settings() const { return forTests(parseRedisUrl(server_.tlsUrl(), files_.certificate)); }

    static std::string refusalBy(const RedisSettings& settings) {
        RedisClient redis(settings);
        redis.waitForFirstAttempt(soon());
        return failureOf(redis);
    }

    static void waitUntilUp(RedisClient& redis) { CPPUNIT_ASSERT(redis.waitUntilUp(soon())); }

public:
    void largeAnswersComeWhole() {
        RedisClient redis(settings());
        waitUntilUp(redis);
        for (const std::size_t size :
             {std::size_t{1}, std::size_t{16'383}, std::size_t{16'384}, std::size_t{16'400}, std::size_t{1'000'000}}) {
            std::string text;
            while (text.size() < size) text += static_cast<char>(text.size() % 251);
            redis.execute(redisCommand({"SET", "key", text}));
            CPPUNIT_ASSERT(redis.execute(redisCommand({"GET", "key"})).text() == text);
        }
        std::vector<RedisCommand> commands;
        for (int number = 0; number < 5'000; ++number)
            commands.push_back(redisCommand({"ECHO", std::to_string(number)}));
        const auto replies = redis.pipeline(commands);
        for (std::size_t number = 0; number < replies.size(); ++number)
            CPPUNIT_ASSERT(replies[number].text() == std::to_string(number));
    }

    void manyThreadsShareFewConnections() {
        RedisClient redis(settings());
        waitUntilUp(redis);
        std::atomic<int> failures{0};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 8; ++thread)
            threads.emplace_back([&, thread] {
                for (int round = 0; round < 50; ++round) {
                    const auto text = std::to_string(thread) + "-" + std::to_string(round);
                    if (redis.execute(redisCommand({"ECHO", text})).text() != text) ++failures;
                }
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(0, failures.load());
    }

    void aConnectionIsUsedAgain() {
        RedisClient redis(settings());
        waitUntilUp(redis);
        const auto connections = [&] {
            const auto text = redis.execute(redisCommand({"INFO", "stats"})).text().value_or("");
            const std::string name = "total_connections_received:";
            return std::stoi(text.substr(text.find(name) + name.size()));
        };
        const auto before = connections();
        for (int round = 0; round < 20; ++round) redis.execute(redisCommand({"PING"}));
        CPPUNIT_ASSERT_EQUAL(before, connections());
    }

    void aPasswordIsSentBehindIt() {
        RedisServer guarded({"--requirepass", "secret"}, RedisServer::Certificate{files_.certificate, files_.key});
        auto url = guarded.tlsUrl();
        url.insert(std::string("rediss://").size(), ":secret@");
        RedisClient redis(forTests(parseRedisUrl(url + "/3", files_.certificate)));
        waitUntilUp(redis);
        redis.execute(redisCommand({"SET", "key", "value"}));
        contains(refusalBy(forTests(parseRedisUrl(guarded.tlsUrl(), files_.certificate))), "NOAUTH");
    }

    void messagesArrive() {
        BusHost here(settings());
        BusHost there(settings());
        CPPUNIT_ASSERT(here.isListening() && there.isListening());
        BusListener listener(there.hub);
        listener.listen({"topic"});
        // Several in one record, and one in several.
        const std::string large(40'000, 'x');
        for (int number = 0; number < 200; ++number) here.hub.publish("topic", std::to_string(number), WhenAway::Fail);
        here.hub.publish("topic", large, WhenAway::Fail);
        const auto heard = listener.waitFor(201);
        CPPUNIT_ASSERT_EQUAL(std::size_t{201}, heard.size());
        CPPUNIT_ASSERT_EQUAL(std::string("other topic 199"), heard[199]);
        CPPUNIT_ASSERT_EQUAL("other topic " + large, heard[200]);
    }

    void oneThatNobodyKnowsIsRefused() {
        contains(refusalBy(forTests(parseRedisUrl(server_.tlsUrl()))), "certificate verify failed");
        contains(refusalBy(forTests(parseRedisUrl(server_.tlsUrl(), certificates_.make("another").certificate))),
                 "certificate verify failed");
    }

    void theCertificateOfAnotherHostIsRefused() {
        contains(refusalBy(forTests(parseRedisUrl(server_.tlsUrl("127.0.0.2"), files_.certificate))), "ertificate");
    }

    void oneThatHasExpiredIsRefused() {
        const auto expired = certificates_.make("expired", -1);
        RedisServer server({}, RedisServer::Certificate{expired.certificate, expired.key});
        contains(refusalBy(forTests(parseRedisUrl(server.tlsUrl(), expired.certificate))), "certificate verify failed");
    }

    void aRedisWithoutTlsIsRefused() {
        // It takes the handshake for the beginning of a command, and waits for the rest.
        const auto url = "rediss://127.0.0.1:" + std::to_string(server_.port());
        contains(refusalBy(forTests(parseRedisUrl(url, files_.certificate))),
                 "did not answer in time while connecting");
    }

    void oneThatHangsIsToldInTime() {
        auto impatient = settings();
        impatient.patience = std::chrono::milliseconds(300);
        RedisClient redis(impatient);
        waitUntilUp(redis);
        redis.execute(redisCommand({"PING"}));
        server_.pause();
        contains(failureOf(redis), "did not answer in time");
        contains(refusalBy(impatient), "did not answer in time");
        server_.resume();
        waitUntilUp(redis);
    }

    void oneThatGoesComesBack() {
        RedisClient redis(settings());
        waitUntilUp(redis);
        redis.execute(redisCommand({"PING"}));
        server_.kill();
        CPPUNIT_ASSERT(failureOf(redis) != "it did not fail");
        server_.start();
        waitUntilUp(redis);
        redis.execute(redisCommand({"PING"}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisTlsTest);
