#include "../control/CapturedLog.h"
#include "BusHost.h"
#include "BusTest.h"

#include "platform/LoopThread.h"

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

namespace {

template <class Call>
std::string refusalOf(const Call& call) {
    try {
        call();
    } catch (const ApiError& problem) {
        return std::to_string(problem.status()) + " " + problem.code();
    }
    return "not refused";
}

}  // namespace

/// Messages between hosts.
class RedisBusTest : public BusTest {
    CPPUNIT_TEST_SUB_SUITE(RedisBusTest, BusTest);
    CPPUNIT_TEST(twoHostsHearEachOtherOnce);
    CPPUNIT_TEST(tenThousandReachTheOtherHostInOrder);
    CPPUNIT_TEST(anyBytesReachTheOtherHost);
    CPPUNIT_TEST(databasesAreApart);
    CPPUNIT_TEST(whileAwayThisHostHearsItself);
    CPPUNIT_TEST(listensAgainAndTellsOfTheGap);
    CPPUNIT_TEST(aListenerThatIsCutOffListensAgain);
    CPPUNIT_TEST(whatCouldNotBeSentIsAGapForTheOthers);
    CPPUNIT_TEST(oneThatMayNotListenIsTold);
    CPPUNIT_TEST(aLoopThreadHandsOver);
    CPPUNIT_TEST(foreignMessagesAreIgnored);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<BusHost> host_;

    BusHub& hub() override { return host_->hub; }

public:
    void setUp() override {
        host_ = std::make_unique<BusHost>(sharedRedisServer());
        CPPUNIT_ASSERT(host_->isListening());
    }

    void tearDown() override { host_.reset(); }

    void twoHostsHearEachOtherOnce() {
        BusHost other(sharedRedisServer());
        CPPUNIT_ASSERT(other.isListening());
        BusListener here(host_->hub);
        BusListener there(other.hub);
        here.listen({"topic", "end"});
        there.listen({"topic", "end"});
        here.bus().publish("topic", "from here", WhenAway::Fail);
        CPPUNIT_ASSERT((there.waitFor(1) == Texts{"other topic from here"}));
        there.bus().publish("topic", "from there", WhenAway::Local);
        CPPUNIT_ASSERT((here.waitFor(2) == Texts{"own topic from here", "other topic from there"}));
        // What was doubled would come before this.
        here.bus().publish("topic", "end", WhenAway::Fail);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, there.waitFor(3).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, here.waitFor(3).size());
    }

    void tenThousandReachTheOtherHostInOrder() {
        BusHost other(sharedRedisServer());
        CPPUNIT_ASSERT(other.isListening());
        BusListener there(other.hub);
        there.listen({"numbers"});
        constexpr int count = 10'000;
        for (int number = 0; number < count; ++number)
            host_->hub.publish("numbers", std::to_string(number), WhenAway::Local);
        const auto heard = there.waitFor(count);
        CPPUNIT_ASSERT_EQUAL(std::size_t{count}, heard.size());
        for (int number = 0; number < count; ++number)
            CPPUNIT_ASSERT_EQUAL("other numbers " + std::to_string(number), heard[static_cast<std::size_t>(number)]);
    }

    void anyBytesReachTheOtherHost() {
        BusHost other(sharedRedisServer());
        CPPUNIT_ASSERT(other.isListening());
        BusListener there(other.hub);
        std::string bytes;
        for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
        const auto topic = bytes.substr(0, 250);
        there.listen({topic});
        host_->hub.publish(topic, bytes + "\r\n", WhenAway::Fail);
        host_->hub.publish(topic, "", WhenAway::Fail);
        const auto heard = there.waitFor(2);
        CPPUNIT_ASSERT_EQUAL("other " + topic + " " + bytes + "\r\n", heard.at(0));
        CPPUNIT_ASSERT_EQUAL("other " + topic + " ", heard.at(1));
    }

    void databasesAreApart() {
        BusHost other(sharedRedisServer(), 7);
        CPPUNIT_ASSERT(other.isListening());
        BusListener there(other.hub);
        there.listen({"topic"});
        host_->hub.publish("topic", "of database 6", WhenAway::Fail);
        BusHost third(sharedRedisServer(), 7);
        CPPUNIT_ASSERT(third.isListening());
        third.hub.publish("topic", "of database 7", WhenAway::Fail);
        CPPUNIT_ASSERT((there.waitFor(1) == Texts{"other topic of database 7"}));
    }

    void whileAwayThisHostHearsItself() {
        RedisServer server;
        BusHost host(server);
        CPPUNIT_ASSERT(host.isListening());
        BusListener listener(host.hub);
        listener.listen({"topic"});
        server.kill();
        CPPUNIT_ASSERT(eventually([&] { return !host.redis.isUp(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("503 BUS_UNAVAILABLE"),
                             refusalOf([&] { host.hub.publish("topic", "must arrive", WhenAway::Fail); }));
        host.hub.publish("topic", "may arrive", WhenAway::Local);
        CPPUNIT_ASSERT((listener.waitFor(1) == Texts{"own topic may arrive"}));
    }

    void listensAgainAndTellsOfTheGap() {
        RedisServer server;
        BusHost here(server);
        BusHost there(server);
        CPPUNIT_ASSERT(here.isListening() && there.isListening());
        CPPUNIT_ASSERT(there.bus.isListening());
        CPPUNIT_ASSERT(there.metrics.text().find("playhouse_bus_listening 1") != std::string::npos);
        BusListener listener(there.hub);
        listener.listen({"topic"});
        for (int round = 1; round <= 2; ++round) {
            const auto gaps = listener.gaps();
            server.kill();
            CPPUNIT_ASSERT(eventually([&] { return !there.redis.isUp() && !here.redis.isUp(); }));
            CPPUNIT_ASSERT(eventually([&] { return !there.bus.isListening(); }));
            server.start();
            CPPUNIT_ASSERT(eventually([&] { return listener.gaps() > gaps; }));
            CPPUNIT_ASSERT(here.isListening());
            const auto text = std::to_string(round);
            host_->hub.publish("topic", "of another Redis", WhenAway::Fail);
            here.hub.publish("topic", text, WhenAway::Fail);
            CPPUNIT_ASSERT_EQUAL(
                "other topic " + text,
                listener.waitFor(static_cast<std::size_t>(round)).at(static_cast<std::size_t>(round) - 1));
        }
    }

    void aListenerThatIsCutOffListensAgain() {
        RedisServer server;
        BusHost here(server);
        BusHost there(server);
        CPPUNIT_ASSERT(here.isListening() && there.isListening());
        BusListener listener(there.hub);
        listener.listen({"topic"});
        here.redis.execute(redisCommand({"CLIENT", "KILL", "TYPE", "pubsub"}));
        CPPUNIT_ASSERT(eventually([&] { return listener.gaps() >= 1; }));
        here.hub.publish("topic", "after", WhenAway::Fail);
        CPPUNIT_ASSERT((listener.waitFor(1) == Texts{"other topic after"}));
    }

    void whatCouldNotBeSentIsAGapForTheOthers() {
        RedisServer server;
        BusHost here(server);
        BusHost there(server);
        CPPUNIT_ASSERT(here.isListening() && there.isListening());
        BusListener listener(there.hub);
        listener.listen({"topic"});
        // This host alone may not publish for a while.
        const auto refuse = redisCommand({"ACL", "SETUSER", "default", "-publish"});
        const auto allow = redisCommand({"ACL", "SETUSER", "default", "+publish"});
        there.redis.execute(refuse);
        here.hub.publish("topic", "lost", WhenAway::Local);
        CPPUNIT_ASSERT(
            eventually([&] { return here.metrics.text().find("playhouse_bus_unsent_total 0") == std::string::npos; }));
        CPPUNIT_ASSERT_EQUAL(std::string("503 BUS_UNAVAILABLE"),
                             refusalOf([&] { here.hub.publish("topic", "refused", WhenAway::Fail); }));
        CPPUNIT_ASSERT_EQUAL(0, listener.gaps());
        there.redis.execute(allow);
        CPPUNIT_ASSERT(eventually([&] { return listener.gaps() >= 1; }));
        CPPUNIT_ASSERT(listener.heard().empty());
    }

    void oneThatMayNotListenIsTold() {
        const CapturedLog log("redis");
        RedisServer server({"--rename-command", "PSUBSCRIBE", ""});
        BusHost host(server);
        const auto isTold = [&] {
            for (const auto& line : log.lines())
                if (line.starts_with("messages of other hosts do not arrive: ERR unknown command")) return true;
            return false;
        };
        CPPUNIT_ASSERT(eventually(isTold));
        CPPUNIT_ASSERT(!host.bus.waitUntilListening(std::chrono::steady_clock::now()));
        CPPUNIT_ASSERT(host.redis.isUp());
        CPPUNIT_ASSERT(!host.bus.isListening());
        CPPUNIT_ASSERT(host.metrics.text().find("playhouse_bus_listening 0") != std::string::npos);
    }

    void aLoopThreadHandsOver() {
        BusHost other(sharedRedisServer());
        CPPUNIT_ASSERT(other.isListening());
        BusListener there(other.hub);
        there.listen({"topic"});
        std::thread([&] {
            markLoopThread();
            host_->hub.publish("topic", "a", WhenAway::Local);
            host_->hub.publish("topic", "b", WhenAway::Fail);
        }).join();
        CPPUNIT_ASSERT((there.waitFor(2) == Texts{"other topic a", "other topic b"}));
    }

    void foreignMessagesAreIgnored() {
        BusListener listener(host_->hub);
        listener.listen({"topic"});
        for (const auto* const data : {"", "short"})
            host_->redis.execute(redisCommand({"PUBLISH", "playhouse:bus:6:topic", data}));
        host_->redis.execute(redisCommand({"PUBLISH", "playhouse:bus:6:topic", "0123456789abcdefwhole"}));
        CPPUNIT_ASSERT((listener.waitFor(1) == Texts{"other topic whole"}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedisBusTest);
