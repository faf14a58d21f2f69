// Paces, limits and slow clients under TLS: what the edge promises in clear holds there too.

#include "BusyServer.h"
#include "PatternSource.h"
#include "TlsClient.h"

#include "edge/Admission.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

using namespace playhouse;
using namespace playhouse::host;

namespace {

constexpr std::size_t bodySize = 700'001;
constexpr std::uint64_t pace = 5'000'000;  // bytes a second: a body takes seven quanta

/// Whether the server ends a connection without a word.
bool isRefused(std::uint16_t port, const TlsOffer& offer) {
    try {
        const TlsClient client(port, offer);
        return false;
    } catch (const std::runtime_error&) {
        return true;
    }
}

}  // namespace

class TlsLoadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TlsLoadTest);
    CPPUNIT_TEST(pacedBodiesArriveWholeAndNoFasterThanTheirPace);
    CPPUNIT_TEST(manyPacedBodiesAtOnceKeepTheirPace);
    CPPUNIT_TEST(slowReaderOfAPacedBodyGetsAllOfIt);
    CPPUNIT_TEST(readerThatTakesNothingIsCutOff);
    CPPUNIT_TEST(requestsBeyondTheLimitGet503AndTheirConnectionsStay);
    CPPUNIT_TEST(connectionsBeyondTheLimitGet503AndHostRoutesAnswer);
    CPPUNIT_TEST(connectionsOfOneAddressBeyondTheLimitAreClosed);
    CPPUNIT_TEST(fullReserveIsClosed);
    CPPUNIT_TEST_SUITE_END();

    Certificates certificates_;
    Certificates::Files files_ = certificates_.make("localhost");

    TlsOffer offer() const { return {.trust = files_.certificate}; }

    static std::deque<Route> bodies(Execution execution) {
        const SharedBuffer memory(pattern(bodySize));
        return {route(
                    Method::Get, "/memory",
                    [memory](const Request&) { return Response::bytes(memory, "video/mp4").paceTo(pace); }, execution),
                route(
                    Method::Get, "/source",
                    [](const Request&) {
                        return Response::stream(std::make_unique<PatternSource>(pattern(bodySize)), "video/mp4")
                            .paceTo(pace);
                    },
                    execution)};
    }

    static void assertKept(std::chrono::steady_clock::time_point begin) {
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        // A loaded machine makes it slower, and nothing makes it faster.
        CPPUNIT_ASSERT(static_cast<double>(pace) * (taken.count() + 0.025) >= static_cast<double>(bodySize));
    }

public:
    void pacedBodiesArriveWholeAndNoFasterThanTheirPace() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server(bodies(execution), overTls(files_));
            TlsClient client(server.server.tlsPort(), offer());
            for (const auto* path : {"/memory", "/source"}) {
                const auto begin = std::chrono::steady_clock::now();
                client.get(path);
                CPPUNIT_ASSERT_MESSAGE(path, client.body() == pattern(bodySize));
                assertKept(begin);
            }
        }
    }

    void manyPacedBodiesAtOnceKeepTheirPace() {
        TestServer server(bodies(Execution::Inline), overTls(files_));
        std::deque<std::unique_ptr<TlsClient>> clients;
        for (int count = 0; count < 20; ++count)
            clients.push_back(std::make_unique<TlsClient>(server.server.tlsPort(), offer()));
        const auto begin = std::chrono::steady_clock::now();
        for (const auto& client : clients) client->get("/memory");
        for (const auto& client : clients) CPPUNIT_ASSERT(client->body() == pattern(bodySize));
        assertKept(begin);
    }

    /// Records wait for room in the socket while the pace goes on.
    void slowReaderOfAPacedBodyGetsAllOfIt() {
        TestServer server(bodies(Execution::Inline), overTls(files_));
        auto narrow = offer();
        narrow.receiveBuffer = 4096;
        TlsClient client(server.server.tlsPort(), narrow);
        for (int count = 0; count < 3; ++count) client.get("/memory");
        for (int count = 0; count < 3; ++count) CPPUNIT_ASSERT(client.body() == pattern(bodySize));
    }

    void readerThatTakesNothingIsCutOff() {
        EdgeSettings settings;
        settings.sendTimeout = std::chrono::milliseconds(200);
        const SharedBuffer large(std::string(64'000'000, 'x'));
        TestServer server(
            {route(Method::Get, "/", [&](const Request&) { return Response::bytes(large, "video/mp4"); })},
            overTls(files_, settings));
        TlsClient client(server.server.tlsPort(), offer());
        client.get("/");
        // It goes, with its body, although nobody reads.
        while (figureOf(server.registry, "playhouse_http_connections") > 0) std::this_thread::yield();
        CPPUNIT_ASSERT(client.receive(large.size()).size() < large.size());
    }

    void requestsBeyondTheLimitGet503AndTheirConnectionsStay() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 1;
        BusyServer server(overTls(files_, settings));
        TlsClient first(server.tlsPort(), offer());
        TlsClient second(server.tlsPort(), offer());
        first.get("/held");
        server.awaitBegun(1);
        for (int count = 0; count < 3; ++count) {
            second.get("/");
            const auto head = second.head();
            CPPUNIT_ASSERT(head.starts_with("HTTP/1.1 503 "));
            CPPUNIT_ASSERT(head.find("\r\nRetry-After: 1\r\n") != std::string::npos);
            second.receive(std::stoul(head.substr(head.find("Content-Length: ") + 16)));
        }
        CPPUNIT_ASSERT_EQUAL(3.0, server.refusals("requests-in-flight"));
        second.get("/healthz");
        CPPUNIT_ASSERT_EQUAL(std::string("alive"), second.body());
        server.answerAll();
        CPPUNIT_ASSERT_EQUAL(std::string("held"), first.body());
        first.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.body());
    }

    void connectionsBeyondTheLimitGet503AndHostRoutesAnswer() {
        EdgeSettings settings;
        settings.maximumConnections = 1;
        BusyServer server(overTls(files_, settings));
        TlsClient first(server.tlsPort(), offer());
        for (const auto& [path, answered] : {std::pair("/", "HTTP/1.1 503 "), std::pair("/healthz", "HTTP/1.1 200 "),
                                             std::pair("/metrics", "HTTP/1.1 200 ")}) {
            TlsClient beyond(server.tlsPort(), offer());
            beyond.get(path);
            CPPUNIT_ASSERT_MESSAGE(path, beyond.head().starts_with(answered));
            while (!beyond.receive(1).empty()) {
            }
            CPPUNIT_ASSERT(beyond.isClosedInOrder());
        }
        first.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.body());
        CPPUNIT_ASSERT_EQUAL(1.0, server.refusals("connections"));
    }

    /// To say why would cost a handshake.
    void connectionsOfOneAddressBeyondTheLimitAreClosed() {
        EdgeSettings settings;
        settings.maximumConnectionsPerAddress = 1;
        BusyServer server(overTls(files_, settings));
        TlsClient first(server.tlsPort(), offer());
        CPPUNIT_ASSERT(isRefused(server.tlsPort(), offer()));
        CPPUNIT_ASSERT_EQUAL(1.0, server.refusals("connections-per-address"));
        first.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.body());
    }

    void fullReserveIsClosed() {
        // With one loop, connections are accepted in the order in which they come.
        EdgeSettings settings;
        settings.loops = 1;
        settings.maximumConnections = 1;
        BusyServer server(overTls(files_, settings));
        TlsClient first(server.tlsPort(), offer());
        std::deque<RawClient> reserve;
        for (std::size_t count = 0; count < Admission::reserveSize; ++count) reserve.emplace_back(server.tlsPort());
        CPPUNIT_ASSERT(isRefused(server.tlsPort(), offer()));
        first.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.body());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TlsLoadTest);
