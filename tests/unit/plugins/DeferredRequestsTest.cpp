#include "../edge/TestServer.h"
#include "PluginHouse.h"

#include "edge/HttpServer.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <map>
#include <string>

using namespace playhouse;
using namespace playhouse::tests;

/// A request that waits in the version before, for something that may come only in the next, is asked again there: its
/// client notices nothing, and the version before can go.
class DeferredRequestsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DeferredRequestsTest);
    CPPUNIT_TEST(aWaitingGetIsAnsweredByTheNewVersion);
    CPPUNIT_TEST(aWaitingHeadIsAnsweredByTheNewVersion);
    CPPUNIT_TEST(aWaitingGetDoesNotKeepStateFromMoving);
    CPPUNIT_TEST(aWaitingGetStaysWhenTheSwapFails);
    CPPUNIT_TEST(whatThePluginKeepsDoesNotKeepTheVersion);
    CPPUNIT_TEST(aWaitingPostIsAnsweredByTheVersionThatTookIt);
    CPPUNIT_TEST(switchingOffLetsItBeAnswered);
    CPPUNIT_TEST(aSwapOfAnotherPluginChangesNothing);
    CPPUNIT_TEST_SUITE_END();

    using Settings = std::map<std::string, std::string>;

    /// A house with the plugin "fickle" behind the edge.
    struct Theatre {
        explicit Theatre(Settings settings = {})
            : server(onLoopback(), house.routes(), house.workers(), house.channels(), house.metrics().registry()) {
            server.start();
            CPPUNIT_ASSERT(house.manager()
                               .startAll({fickle("fickle-1", std::move(settings)), configured("greeter", "greeter-1")})
                               .empty());
        }
        ~Theatre() {
            letAnswer();
            server.drain(std::chrono::seconds(30));
        }

        host::PluginConfiguration fickle(const std::string& library, Settings settings) {
            settings["answer-file"] = house.file("answer").string();
            return configured("fickle", library, std::move(settings));
        }

        std::string swap(Settings settings = {}, const std::string& library = "fickle-2") {
            return PluginHouse::refusalOf([&] {
                house.manager().reconfigure({fickle(library, std::move(settings)), configured("greeter", "greeter-1")});
            });
        }

        void ask(const host::RawClient& client, const std::string& method, const std::string& path = "/fickle/later") {
            client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
        }

        void expectWaitingIn(const std::string& version) {
            const auto sign = house.file("answer.waiting-" + version);
            CPPUNIT_ASSERT(eventually([&] { return std::filesystem::exists(sign); }));
            std::filesystem::remove(sign);
        }

        void expectNothingDraining() {
            CPPUNIT_ASSERT(eventually([&] {
                const auto status = house.statusOf("fickle");
                return status.draining == 0 && status.resident == 0;
            }));
        }

        void letAnswer() { house.touch("answer"); }

        static host::EdgeSettings onLoopback() {
            host::EdgeSettings settings;
            settings.address = "127.0.0.1";
            settings.port = 0;
            settings.loops = 1;
            return settings;
        }

        PluginHouse house;
        host::HttpServer server;
    };

public:
    void aWaitingGetIsAnsweredByTheNewVersion() {
        Theatre theatre;
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "GET");
        theatre.expectWaitingIn("1.0.0");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), theatre.swap());
        theatre.expectWaitingIn("2.0.0");
        theatre.expectNothingDraining();
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(std::string("late in 2.0.0"), client.receive().body);
        // One answer, and the connection serves on.
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 2.0.0"), client.get("/fickle").body);
    }

    void aWaitingHeadIsAnsweredByTheNewVersion() {
        Theatre theatre;
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "HEAD");
        theatre.expectWaitingIn("1.0.0");
        theatre.swap();
        theatre.expectWaitingIn("2.0.0");
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(200, client.receive(false).status);
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 2.0.0"), client.get("/fickle").body);
    }

    void aWaitingGetDoesNotKeepStateFromMoving() {
        Theatre theatre(Settings{{"schema", "1"}});
        host::RawClient(theatre.server.port()).get("/fickle");
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "GET");
        theatre.expectWaitingIn("1.0.0");
        theatre.house.ask(Method::Post, "/fickle");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), theatre.swap({{"schema", "1"}}));
        theatre.expectWaitingIn("2.0.0");
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(std::string("late in 2.0.0"), client.receive().body);
        CPPUNIT_ASSERT_EQUAL(std::string("1 in 2.0.0"), client.get("/fickle").body);
    }

    void aWaitingGetStaysWhenTheSwapFails() {
        Theatre theatre(Settings{{"schema", "2"}});
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "GET");
        theatre.expectWaitingIn("1.0.0");
        const auto refusal = theatre.swap({{"schema", "1"}});
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("STATE_REFUSED"));
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(std::string("late in 1.0.0"), client.receive().body);
    }

    void whatThePluginKeepsDoesNotKeepTheVersion() {
        Theatre theatre;
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "GET", "/fickle/never");
        // The handler has it once the loop answers another request.
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), host::RawClient(theatre.server.port()).get("/fickle").body);
        theatre.swap();
        theatre.expectNothingDraining();
        CPPUNIT_ASSERT_EQUAL(std::string("forgotten"),
                             host::RawClient(theatre.server.port()).get("/fickle/forget").body);
        CPPUNIT_ASSERT_EQUAL(500, client.receive().status);
    }

    void aWaitingPostIsAnsweredByTheVersionThatTookIt() {
        Theatre theatre;
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "POST");
        theatre.expectWaitingIn("1.0.0");
        theatre.swap();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, theatre.house.statusOf("fickle").draining);
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(std::string("late in 1.0.0"), client.receive().body);
        theatre.expectNothingDraining();
    }

    void switchingOffLetsItBeAnswered() {
        Theatre theatre;
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "GET");
        theatre.expectWaitingIn("1.0.0");
        theatre.house.manager().disable("fickle");
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(std::string("late in 1.0.0"), client.receive().body);
        theatre.expectNothingDraining();
    }

    void aSwapOfAnotherPluginChangesNothing() {
        Theatre theatre;
        host::RawClient client(theatre.server.port());
        theatre.ask(client, "GET");
        theatre.expectWaitingIn("1.0.0");
        theatre.house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"),
                             host::RawClient(theatre.server.port()).get("/greeter").body);
        CPPUNIT_ASSERT(!std::filesystem::exists(theatre.house.file("answer.waiting-1.0.0")));
        theatre.letAnswer();
        CPPUNIT_ASSERT_EQUAL(std::string("late in 1.0.0"), client.receive().body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeferredRequestsTest);
