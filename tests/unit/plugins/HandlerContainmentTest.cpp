#include "../edge/TestServer.h"
#include "BrokenHouse.h"

#include "edge/HttpServer.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::tests;

/// What a plugin's handlers do wrong, a client over a real socket sees as an error of that one request.
class HandlerContainmentTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HandlerContainmentTest);
    CPPUNIT_TEST(whatAHandlerThrowsIsAnAnswerThatTellsNothing);
    CPPUNIT_TEST(aHungHandlerHoldsUpNobodyElse);
    CPPUNIT_TEST(aRefusedLibraryIsNotNoticed);
    CPPUNIT_TEST_SUITE_END();

    /// The edge before a house.
    class Edge {
    public:
        explicit Edge(PluginHouse& house)
            : server_(onLoopback(), house.routes(), house.workers(), house.channels(), house.metrics().registry()) {
            server_.start();
        }
        ~Edge() { server_.drain(std::chrono::seconds(30)); }
        Edge(const Edge&) = delete;
        Edge& operator=(const Edge&) = delete;

        std::uint16_t port() const { return server_.port(); }

    private:
        static host::EdgeSettings onLoopback() {
            host::EdgeSettings settings;
            settings.address = "127.0.0.1";
            settings.port = 0;
            settings.loops = 1;
            return settings;
        }

        host::HttpServer server_;
    };

public:
    void whatAHandlerThrowsIsAnAnswerThatTellsNothing() {
        for (const auto* way : {"throw", "foreign"}) {
            const std::string with = std::string(":") + way;
            BrokenHouse house(
                BrokenHouse::Settings{{"faults", "handler" + with + ", inline" + with + ", deferred" + with}});
            const Edge edge(*house);
            host::RawClient client(edge.port());
            for (const auto* path : {"/broken/handler", "/broken/inline", "/broken/deferred"}) {
                const auto answer = client.get(path);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 500, answer.status);
                CPPUNIT_ASSERT_MESSAGE(answer.body, answer.body.find("INTERNAL_ERROR") != std::string::npos);
                CPPUNIT_ASSERT_MESSAGE(answer.body, answer.body.find("went wrong") == std::string::npos);
                // The connection and the plugin serve on.
                CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), client.get("/broken").body);
            }
            CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext({}));
            CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), client.get("/broken/handler").body);
            house.expectNothingLeftAfterRelease();
        }
    }

    void aHungHandlerHoldsUpNobodyElse() {
        BrokenHouse house(BrokenHouse::Settings{{"faults", "handler:hang"}});
        const Edge edge(*house);
        host::RawClient hung(edge.port());
        hung.send("GET /broken/handler HTTP/1.1\r\nHost: test\r\n\r\n");
        house.expectHanging();
        host::RawClient client(edge.port());
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), client.get("/broken").body);
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext({}));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), client.get("/broken").body);
        house.expectResident(1);
        house.release();
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), hung.receive().body);
        house.expectNothingLeftAfterRelease();
    }

    void aRefusedLibraryIsNotNoticed() {
        BrokenHouse house;
        const Edge edge(*house);
        host::RawClient client(edge.port());
        for (const auto* library :
             {"no-plugin", "wrong-magic", "wrong-abi", "newer-abi", "wrong-size", "wrong-fingerprint", "other-id",
              "missing-symbol", "missing-library", "greeter-1"}) {
            const auto refusal = PluginHouse::refusalOf([&] { house->manager().swap("broken", fixture(library)); });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED"));
            CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), client.get("/broken").body);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HandlerContainmentTest);
