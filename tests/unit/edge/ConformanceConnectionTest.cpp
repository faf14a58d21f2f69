#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>

using namespace playhouse;
using namespace playhouse::host;

/// How a connection lives and ends (RFC 9112 section 9), with clients that hang up halfway, dawdle, or vanish.
class ConformanceConnectionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConformanceConnectionTest);
    CPPUNIT_TEST(rfc9112Section9_6HalfClosedClientGetsAnInlineAnswer);
    CPPUNIT_TEST(rfc9112Section9_6HalfClosedClientGetsAWorkersAnswer);
    CPPUNIT_TEST(rfc9112Section9_6HalfClosedClientGetsADeferredAnswer);
    CPPUNIT_TEST(rfc9112Section9_6HalfClosedClientGetsALargeAnswer);
    CPPUNIT_TEST(rfc9112Section9_6HalfClosedClientGetsAllPipelinedAnswers);
    CPPUNIT_TEST(rfc9112Section8HalfARequestIsNoRequest);
    CPPUNIT_TEST(rfc9112Section9_3_2GoodThenBadIsAnsweredThenRefused);
    CPPUNIT_TEST(rfc9112Section9_3_2NothingIsAnsweredBehindARefusal);
    CPPUNIT_TEST(rfc9112Section9_6NothingIsAnsweredBehindClose);
    CPPUNIT_TEST(rfc9112Section2_2EmptyLinesBeforeARequestAreIgnored);
    CPPUNIT_TEST(rfc9110Section9_3_7OptionsOfTheServerNamesMethods);
    CPPUNIT_TEST(slowReaderIsCutOffAndItsAnswerNotBuffered);
    CPPUNIT_TEST(resetInTheMidstOfAnAnswerLetsGoOfItsSource);
    CPPUNIT_TEST(resetInTheMidstOfARequestHurtsNobodyElse);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

    static Handler text(std::string body) {
        return [body](const Request&) { return Response::text(body); };
    }

    /// Sends one request and the end of sending in one go, and expects the whole answer and then the end.
    static void expectAnswerWhenHalfClosed(std::deque<Route> routes, const std::string& body) {
        TestServer server(std::move(routes));
        RawClient client(server.port());
        client.send(get);
        client.endSending();
        CPPUNIT_ASSERT(client.receive().body == body);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void rfc9112Section9_6HalfClosedClientGetsAnInlineAnswer() {
        expectAnswerWhenHalfClosed({route(Method::Get, "/a", text("inline"))}, "inline");
    }

    void rfc9112Section9_6HalfClosedClientGetsAWorkersAnswer() {
        expectAnswerWhenHalfClosed({route(Method::Get, "/a", text("worker"), Execution::Worker)}, "worker");
    }

    /// The answer comes only when the server has seen that the client sends no more.
    void rfc9112Section9_6HalfClosedClientGetsADeferredAnswer() {
        std::promise<void> begun;
        std::optional<Responder> waiting;
        TestServer server({deferredRoute("/a",
                                         [&](const Request&, Responder responder) {
                                             waiting.emplace(std::move(responder));
                                             begun.set_value();
                                         }),
                           route(Method::Get, "/b", text("other"))});
        RawClient client(server.port());
        client.send(get);
        begun.get_future().wait();
        client.endSending();
        // Both loops have turned since, so the end has been seen.
        for (int count = 0; count < 2; ++count)
            CPPUNIT_ASSERT_EQUAL(std::string("other"), RawClient(server.port()).get("/b").body);
        waiting->send(Response::text("deferred"));
        CPPUNIT_ASSERT_EQUAL(std::string("deferred"), client.receive().body);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void rfc9112Section9_6HalfClosedClientGetsALargeAnswer() {
        const std::string large(32 * 1024 * 1024, 'x');
        expectAnswerWhenHalfClosed({route(Method::Get, "/a", text(large))}, large);
    }

    void rfc9112Section9_6HalfClosedClientGetsAllPipelinedAnswers() {
        TestServer server({route(Method::Get, "/a", text("one"), Execution::Worker)});
        RawClient client(server.port());
        client.send(std::string(get) + std::string(get) + std::string(get));
        client.endSending();
        for (int count = 0; count < 3; ++count) CPPUNIT_ASSERT_EQUAL(std::string("one"), client.receive().body);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void rfc9112Section8HalfARequestIsNoRequest() {
        std::atomic<int> handled{0};
        const auto handler = [&](const Request&) {
            ++handled;
            return Response(200);
        };
        TestServer server({route(Method::Get, "/a", handler), route(Method::Post, "/a", handler)});
        for (const std::string_view part :
             {"GET /a HTTP/1.1\r\nHost: x\r\n", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab",
              "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"}) {
            RawClient client(server.port());
            client.send(part);
            client.endSending();
            CPPUNIT_ASSERT(client.isClosed());
        }
        CPPUNIT_ASSERT_EQUAL(0, handled.load());
    }

    void rfc9112Section9_3_2GoodThenBadIsAnsweredThenRefused() {
        TestServer server({route(Method::Get, "/a", text("good"))});
        RawClient client(server.port());
        client.send(std::string(get) + "GET /a HTTP/1.1\r\nHost: x\r\nBad Name: v\r\n\r\n" + std::string(get));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), client.receive().body);
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void rfc9112Section9_3_2NothingIsAnsweredBehindARefusal() {
        TestServer server({route(Method::Get, "/a", text("good"))});
        RawClient client(server.port());
        client.send("GARBAGE\r\n\r\n" + std::string(get));
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void rfc9112Section9_6NothingIsAnsweredBehindClose() {
        TestServer server({route(Method::Get, "/a", text("good"))});
        RawClient client(server.port());
        client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + std::string(get));
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::string("close"), answer.headers.at("connection"));
        CPPUNIT_ASSERT(client.isClosed());
    }

    void rfc9112Section2_2EmptyLinesBeforeARequestAreIgnored() {
        TestServer server({route(Method::Get, "/a", text("good"))});
        RawClient client(server.port());
        for (int count = 0; count < 2; ++count) {
            client.send("\r\n" + std::string(get));
            CPPUNIT_ASSERT_EQUAL(std::string("good"), client.receive().body);
        }
    }

    void rfc9110Section9_3_7OptionsOfTheServerNamesMethods() {
        TestServer server({route(Method::Get, "/a", text("good"))});
        RawClient client(server.port());
        for (int count = 0; count < 2; ++count) {
            client.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
            const auto answer = client.receive();
            CPPUNIT_ASSERT_EQUAL(204, answer.status);
            CPPUNIT_ASSERT(answer.headers.at("allow").find("GET") != std::string::npos);
        }
    }

    /// A body without end that counts what was taken of it, and says when it is let go.
    class Endless final : public BodySource {
    public:
        Endless(std::atomic<std::uint64_t>& taken, std::promise<void>& gone) : taken_(taken), gone_(gone) {}
        ~Endless() override { gone_.set_value(); }
        std::optional<std::uint64_t> size() const override { return std::nullopt; }
        std::size_t read(std::span<std::byte> into) override {
            taken_ += into.size();
            return into.size();
        }

    private:
        std::atomic<std::uint64_t>& taken_;
        std::promise<void>& gone_;
    };

    struct EndlessServer {
        explicit EndlessServer(EdgeSettings settings = {})
            : server({route(Method::Get, "/a",
                            [this](const Request&) {
                                return Response(200).withBody(Body(std::make_unique<Endless>(taken, gone)));
                            }),
                      route(Method::Get, "/b", text("other"))},
                     std::move(settings)) {}
        std::atomic<std::uint64_t> taken{0};
        std::promise<void> gone;
        TestServer server;
    };

    void slowReaderIsCutOffAndItsAnswerNotBuffered() {
        EdgeSettings settings;
        settings.sendTimeout = std::chrono::milliseconds(200);
        EndlessServer endless(settings);
        RawClient client(endless.server.port());
        client.send(get);
        endless.gone.get_future().wait();
        // What sockets hold, and not what a server would that buffers.
        CPPUNIT_ASSERT(endless.taken < 64 * 1024 * 1024);
    }

    void resetInTheMidstOfAnAnswerLetsGoOfItsSource() {
        EndlessServer endless;
        {
            RawClient client(endless.server.port());
            client.send(get);
            CPPUNIT_ASSERT(client.hasInput(std::chrono::seconds(30)));
            client.reset();
        }
        endless.gone.get_future().wait();
        CPPUNIT_ASSERT_EQUAL(std::string("other"), RawClient(endless.server.port()).get("/b").body);
    }

    void resetInTheMidstOfARequestHurtsNobodyElse() {
        TestServer server({route(Method::Get, "/a", text("good")), route(Method::Post, "/a", text("good"))});
        for (const std::string_view part :
             {"GET /a HT", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"}) {
            RawClient client(server.port());
            client.send(part);
            client.reset();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("good"), RawClient(server.port()).get("/a").body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConformanceConnectionTest);
