#include "BusyServer.h"

#include <atomic>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;

/// What becomes of requests beyond the limits.
class OverloadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OverloadTest);
    CPPUNIT_TEST(requestsBeyondTheLimitGet503AndTheirConnectionsStay);
    CPPUNIT_TEST(whatIsAdmittedIsServedUnderRefusals);
    CPPUNIT_TEST(fullWorkersGet503);
    CPPUNIT_TEST(hostRoutesAnswerThroughout);
    CPPUNIT_TEST_SUITE_END();

public:
    void requestsBeyondTheLimitGet503AndTheirConnectionsStay() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 2;
        BusyServer server(settings);
        RawClient first(server.port());
        RawClient second(server.port());
        RawClient third(server.port());
        sendGet(first, "/held");
        sendGet(second, "/held");
        server.awaitBegun(2);
        CPPUNIT_ASSERT_EQUAL(2.0, server.figure("playhouse_http_requests_in_flight"));
        for (int count = 0; count < 3; ++count) assertOverloaded(third.get("/"));
        CPPUNIT_ASSERT_EQUAL(3.0, server.refusals("requests-in-flight"));
        server.answerAll();
        CPPUNIT_ASSERT_EQUAL(std::string("held"), first.receive().body);
        CPPUNIT_ASSERT_EQUAL(std::string("held"), second.receive().body);
        // A connection is told of its answer's end before the loop has counted it.
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.get("/").body);
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), second.get("/").body);
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), third.get("/").body);
    }

    void whatIsAdmittedIsServedUnderRefusals() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 3;
        BusyServer server(settings);
        std::deque<RawClient> held;
        for (int index = 0; index < 2; ++index) {
            held.emplace_back(server.port());
            sendGet(held.back(), "/held");
        }
        server.awaitBegun(2);
        // One place is left: of many who ask, each is served or told at once, and nobody waits.
        std::atomic<int> served{0};
        std::atomic<int> refused{0};
        std::vector<std::thread> threads;
        for (int index = 0; index < 4; ++index)
            threads.emplace_back([&] {
                RawClient client(server.port());
                for (int count = 0; count < 100; ++count) ++(client.get("/").status == 200 ? served : refused);
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(400, served + refused);
        CPPUNIT_ASSERT(served > 0);
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(refused), server.refusals("requests-in-flight"));
        server.answerAll();
        for (auto& client : held) CPPUNIT_ASSERT_EQUAL(std::string("held"), client.receive().body);
    }

    void fullWorkersGet503() {
        BusyServer server(EdgeSettings{});
        std::deque<RawClient> clients;
        const auto ask = [&] {
            clients.emplace_back(server.port());
            sendGet(clients.back(), "/slow");
        };
        // The test server has two workers, and 64 may wait.
        for (int count = 0; count < 2; ++count) ask();
        server.awaitBegun(2);
        for (int count = 0; count < 64 + 3; ++count) ask();
        int refused = 0;
        while (server.refusals("waiting-work") < 3) std::this_thread::yield();
        server.letGo(66);
        for (auto& client : clients) {
            const auto answer = client.receive();
            if (answer.status == 200) continue;
            assertOverloaded(answer);
            ++refused;
        }
        CPPUNIT_ASSERT_EQUAL(3, refused);
    }

    void hostRoutesAnswerThroughout() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 2;
        BusyServer server(settings);
        std::deque<RawClient> clients;
        for (int count = 0; count < 2; ++count) {
            clients.emplace_back(server.port());
            sendGet(clients.back(), "/slow");
        }
        server.awaitBegun(2);
        RawClient probe(server.port());
        assertOverloaded(probe.get("/"));
        CPPUNIT_ASSERT_EQUAL(std::string("alive"), probe.get("/healthz").body);
        CPPUNIT_ASSERT_EQUAL(std::string("figures"), probe.get("/metrics").body);
        server.letGo(2);
        for (auto& client : clients) CPPUNIT_ASSERT_EQUAL(std::string("slow"), client.receive().body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OverloadTest);
