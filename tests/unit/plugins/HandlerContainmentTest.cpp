#include "../edge/TestServer.h"
#include "BrokenHouse.h"

#include "edge/HttpServer.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <future>
#include <utility>
#include <vector>

using namespace playhouse;
using namespace playhouse::tests;

/// What a plugin's handlers do wrong, a client over a real socket sees as an error of that one request.
class HandlerContainmentTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HandlerContainmentTest);
    CPPUNIT_TEST(whatAHandlerThrowsIsAnAnswerThatTellsNothing);
    CPPUNIT_TEST(aHungHandlerHoldsUpNobodyElse);
    CPPUNIT_TEST(aThreadThatAnInlineHandlerLeavesKeepsItsLibrary);
    CPPUNIT_TEST(aRefusedLibraryIsNotNoticed);
    CPPUNIT_TEST(whatTheHostRefusesForWantOfWorkersIsNoFaultOfTheVersion);
    CPPUNIT_TEST(whatTheHostRefusesForTooMuchInFlightIsNoFaultOfTheVersion);
    CPPUNIT_TEST(whatTheHostRefusesDuringAHoldIsNoFaultOfTheVersion);
    CPPUNIT_TEST_SUITE_END();

    /// The edge before a house.
    class Edge {
    public:
        explicit Edge(PluginHouse& house, std::size_t mostInFlight = 10'000)
            : server_(onLoopback(mostInFlight), house.routes(), house.workers(), house.channels(),
                      house.metrics().registry()) {
            server_.start();
        }
        ~Edge() { server_.drain(std::chrono::seconds(30)); }
        Edge(const Edge&) = delete;
        Edge& operator=(const Edge&) = delete;

        std::uint16_t port() const { return server_.port(); }

    private:
        static host::EdgeSettings onLoopback(std::size_t mostInFlight) {
            host::EdgeSettings settings;
            settings.address = "127.0.0.1";
            settings.port = 0;
            settings.loops = 1;
            settings.maximumRequestsInFlight = mostInFlight;
            return settings;
        }

        host::HttpServer server_;
    };

    /// What the probation of the version that serves goes by.
    static host::AnswerCounts::Totals totals(BrokenHouse& house) {
        std::vector<std::pair<std::string, std::string>> parameters;
        const auto table = house->routes().current().first;
        return table->match(Method::Get, "/broken", parameters).entry->answers->totals();
    }

    static host::RawClient asking(const Edge& edge, const std::string& path) {
        host::RawClient client(edge.port());
        client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
        return client;
    }

    static void expectRefusals(const Edge& edge, const std::string& code) {
        host::RawClient client(edge.port());
        for (int count = 0; count < 30; ++count) {
            const auto answer = client.get("/broken/handler");
            CPPUNIT_ASSERT_EQUAL(503, answer.status);
            CPPUNIT_ASSERT_MESSAGE(answer.body, answer.body.find(code) != std::string::npos);
        }
    }

    static void expectAnswered(std::vector<host::RawClient>& clients) {
        for (auto& client : clients) CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), client.receive().body);
    }

    static void expectTotals(BrokenHouse& house, std::uint64_t answers) {
        // An answer is counted once it has been sent, which its reader may see before.
        CPPUNIT_ASSERT(eventually([&] { return totals(house).answers >= answers; }));
        CPPUNIT_ASSERT_EQUAL(answers, totals(house).answers);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, totals(house).errors);
    }

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

    void aThreadThatAnInlineHandlerLeavesKeepsItsLibrary() {
        PluginHouse house;
        house.manager().startAll(
            {configured("leaky", "leaky", {{"leaks", "inline thread"}, {"release", house.file("release").string()}})});
        const Edge edge(house);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), host::RawClient(edge.port()).get("/leaky/inline").body);
        CPPUNIT_ASSERT(!house.manager().swap("leaky").unloaded);
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("leaky").resident == 1; }));
        house.touch("release");
    }

    void whatTheHostRefusesForWantOfWorkersIsNoFaultOfTheVersion() {
        BrokenHouse house;
        const Edge edge(*house);
        // Both workers, and then all 64 places to wait for one.
        std::promise<void> go;
        std::array<std::promise<void>, 2> busy;
        const auto free = go.get_future().share();
        for (auto& each : busy) {
            const bool taken = house->workers().submit([&each, free] {
                each.set_value();
                free.wait();
            });
            CPPUNIT_ASSERT(taken);
        }
        for (auto& each : busy) each.get_future().wait();
        std::vector<host::RawClient> waiting;
        for (int count = 0; count < 64; ++count) waiting.push_back(asking(edge, "/broken/handler"));
        CPPUNIT_ASSERT(eventually([&] { return house->workers().waiting() == 64; }));
        const auto before = totals(house).answers;
        expectRefusals(edge, "OVERLOADED");
        go.set_value();
        expectAnswered(waiting);
        expectTotals(house, before + waiting.size());
    }

    void whatTheHostRefusesForTooMuchInFlightIsNoFaultOfTheVersion() {
        BrokenHouse house(BrokenHouse::Settings{{"faults", "handler:hang"}});
        const Edge edge(*house, 1);
        std::vector<host::RawClient> waiting;
        waiting.push_back(asking(edge, "/broken/handler"));
        house.expectHanging();
        const auto before = totals(house).answers;
        expectRefusals(edge, "OVERLOADED");
        house.release();
        expectAnswered(waiting);
        expectTotals(house, before + 1);
    }

    void whatTheHostRefusesDuringAHoldIsNoFaultOfTheVersion() {
        auto swap = BrokenHouse::impatient();
        swap.maximumHeldRequests = 1;
        swap.holdTimeout = std::chrono::minutes(5);
        BrokenHouse house({{"faults", "save:hang"}, {"keeps-state", "true"}}, swap);
        const Edge edge(*house);
        const auto counts = [&] {
            std::vector<std::pair<std::string, std::string>> parameters;
            const auto table = house->routes().current().first;
            return table->match(Method::Get, "/broken", parameters).entry->answers;
        }();
        const auto before = counts->totals().answers;
        auto swapping = std::async(std::launch::async, [&] { return house.tryNext({{"keeps-state", "true"}}); });
        house.expectHanging();
        // One of the two waits; the other is refused, as every further one.
        auto one = asking(edge, "/broken");
        auto other = asking(edge, "/broken");
        const auto isAnswered = [](const host::RawClient& client) {
            return client.hasInput(std::chrono::milliseconds(0));
        };
        CPPUNIT_ASSERT(eventually([&] { return isAnswered(one) || isAnswered(other); }));
        auto& parked = isAnswered(one) ? other : one;
        expectRefusals(edge, "SERVICE_BUSY");
        house.release();
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), swapping.get());
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), parked.receive().body);
        CPPUNIT_ASSERT_EQUAL(before, counts->totals().answers);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, totals(house).errors);
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
