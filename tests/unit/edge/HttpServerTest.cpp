#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;

/// How the server reads requests, and how its connections live and end.
class HttpServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HttpServerTest);
    CPPUNIT_TEST(keepsTheConnectionForTheNextRequest);
    CPPUNIT_TEST(http10ClosesUnlessAskedNotTo);
    CPPUNIT_TEST(answersPipelinedRequestsInOrder);
    CPPUNIT_TEST(takesARequestByteByByte);
    CPPUNIT_TEST(takesAChunkedBody);
    CPPUNIT_TEST(goesOnWhenExpected);
    CPPUNIT_TEST(headIsGetWithoutTheBody);
    CPPUNIT_TEST(drainLetsRunningRequestsFinish);
    CPPUNIT_TEST(drainAnswersTheRequestInWorkWhateverFollowsIt);
    CPPUNIT_TEST(lastAnswerArrivesWhateverFollowsItsRequest);
    CPPUNIT_TEST(drainClosesIdleConnections);
    CPPUNIT_TEST(idleConnectionsAreClosed);
    CPPUNIT_TEST(portInUseIsNamed);
    CPPUNIT_TEST(clientThatHangsUpIsNoticed);
    CPPUNIT_TEST(whatAHandlerAnswersAfterTheServerIsGoneIsFreed);
    CPPUNIT_TEST(requestIdsDifferAndNeedNoBlockOfTheHeap);
    CPPUNIT_TEST_SUITE_END();

    void keepsTheConnectionForTheNextRequest() {
        TestServer server({route(Method::Get, "/hello/{name}", [](const Request& request) {
            return Response::text("Hello, " + request.pathParameter("name"));
        })});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("Hello, a b"), client.get("/hello/a%20b").body);
        const auto second = client.get("/hello/you", "Connection: close\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("Hello, you"), second.body);
        CPPUNIT_ASSERT(!second.headers.at("x-request-id").empty());
        CPPUNIT_ASSERT(client.isClosed());
    }

    void http10ClosesUnlessAskedNotTo() {
        TestServer server({route(Method::Get, "/", say("hi"))});
        RawClient one(server.port());
        one.send("GET / HTTP/1.0\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), one.receive().body);
        CPPUNIT_ASSERT(one.isClosed());
        RawClient two(server.port());
        for (int round = 0; round < 2; ++round) {
            two.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            CPPUNIT_ASSERT_EQUAL(std::string("keep-alive"), two.receive().headers.at("connection"));
        }
    }

    void answersPipelinedRequestsInOrder() {
        TestServer server(
            {route(Method::Get, "/inline/{n}", [](const Request& r) { return Response::text(r.pathParameter("n")); }),
             route(
                 Method::Get, "/worker/{n}", [](const Request& r) { return Response::text(r.pathParameter("n")); },
                 Execution::Worker)});
        RawClient client(server.port());
        std::string requests;
        for (int index = 0; index < 200; ++index)
            requests += std::string("GET ") + (index % 3 ? "/inline/" : "/worker/") + std::to_string(index) +
                        " HTTP/1.1\r\nHost: x\r\n\r\n";
        client.send(requests);
        for (int index = 0; index < 200; ++index) CPPUNIT_ASSERT_EQUAL(std::to_string(index), client.receive().body);
    }

    void takesARequestByteByByte() {
        TestServer server({route(Method::Post, "/echo", [](const Request& r) { return Response::text(r.body()); })});
        RawClient client(server.port());
        const std::string request = "\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
        for (const char letter : request) client.send({&letter, 1});
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.receive().body);
    }

    void takesAChunkedBody() {
        TestServer server({route(Method::Post, "/echo", [](const Request& r) { return Response::text(r.body()); })});
        RawClient client(server.port());
        client.send(
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5;extension=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("hello world"), client.receive().body);
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n!");
        CPPUNIT_ASSERT_EQUAL(std::string("!"), client.receive().body);
    }

    void goesOnWhenExpected() {
        TestServer server({route(Method::Post, "/echo", [](const Request& r) { return Response::text(r.body()); })});
        RawClient client(server.port());
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(100, client.receive(false).status);
        client.send("ok");
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), client.receive().body);
        client.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(404, client.receive().status);
    }

    void headIsGetWithoutTheBody() {
        TestServer server({route(Method::Get, "/", say("hello"))});
        RawClient client(server.port());
        client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.receive(false);
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("5"), answer.headers.at("content-length"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello"), client.get("/").body);
    }

    void drainLetsRunningRequestsFinish() {
        std::promise<Responder> asked;
        TestServer server({deferredRoute(
            "/later", [&](const Request&, Responder responder) { asked.set_value(std::move(responder)); })});
        RawClient client(server.port());
        client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        auto responder = asked.get_future().get();
        auto drained = std::async(std::launch::async, [&] { return server.server.drain(std::chrono::seconds(30)); });
        responder.send(Response::text("done"));
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::string("done"), answer.body);
        CPPUNIT_ASSERT(drained.get());
        CPPUNIT_ASSERT_THROW(RawClient(server.port()), std::runtime_error);
    }

    /// Closing with bytes unread would reset the connection, and destroy the answer.
    void drainAnswersTheRequestInWorkWhateverFollowsIt() {
        const std::string large(8'000'000, 'x');
        std::promise<Responder> asked;
        TestServer server({deferredRoute(
            "/later", [&](const Request&, Responder responder) { asked.set_value(std::move(responder)); })});
        RawClient client(server.port());
        client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        auto responder = asked.get_future().get();
        client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        auto drained = std::async(std::launch::async, [&] { return server.server.drain(std::chrono::seconds(30)); });
        responder.send(Response::text(large));
        CPPUNIT_ASSERT(client.receive().body == large);
        client.endSending();
        CPPUNIT_ASSERT(drained.get());
    }

    /// RFC 9112 section 9.6: some clients send an empty line behind a body, and some what nobody asked for.
    void lastAnswerArrivesWhateverFollowsItsRequest() {
        const std::string large(8'000'000, 'x');
        std::promise<Responder> asked;
        TestServer server({deferredRoute(
            "/later", [&](const Request&, Responder responder) { asked.set_value(std::move(responder)); })});
        RawClient client(server.port());
        client.send("GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        auto responder = asked.get_future().get();
        client.send(std::string(100'000, '\n'));
        responder.send(Response::text(large));
        CPPUNIT_ASSERT(client.receive().body == large);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void drainClosesIdleConnections() {
        TestServer server({route(Method::Get, "/", say("hi"))});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        CPPUNIT_ASSERT(server.server.drain(std::chrono::seconds(30)));
        CPPUNIT_ASSERT(client.isClosed());
    }

    void idleConnectionsAreClosed() {
        EdgeSettings settings;
        settings.idleTimeout = std::chrono::milliseconds(20);
        TestServer server({route(Method::Get, "/", say("hi"))}, settings);
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void portInUseIsNamed() {
        TestServer server({route(Method::Get, "/", say("hi"))});
        EdgeSettings settings;
        settings.address = "127.0.0.1";
        settings.port = server.port();
        HttpServer second(settings, server.slot, server.workers, server.channels, server.registry);
        try {
            second.start();
            CPPUNIT_FAIL("two servers share a port");
        } catch (const std::runtime_error& problem) {
            CPPUNIT_ASSERT(std::string(problem.what()).find(std::to_string(server.port())) != std::string::npos);
        }
    }

    void clientThatHangsUpIsNoticed() {
        std::promise<Responder> asked;
        TestServer server({deferredRoute(
            "/later", [&](const Request&, Responder responder) { asked.set_value(std::move(responder)); })});
        {
            RawClient client(server.port());
            client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        auto responder = asked.get_future().get();
        while (!responder.clientIsGone()) std::this_thread::yield();
        responder.send(Response::text("to nobody"));
        server.gate->close();
        CPPUNIT_ASSERT(server.gate->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::seconds(30)));
    }

    /// A worker has the connection, which has the loop, in whose queue the answer waits: none is to keep the others.
    void whatAHandlerAnswersAfterTheServerIsGoneIsFreed() {
        struct Held final : BodySource {
            explicit Held(std::shared_ptr<int> given) : what(std::move(given)) {}
            std::optional<std::uint64_t> size() const override { return std::nullopt; }
            std::size_t read(std::span<std::byte>) override { return 0; }
            std::shared_ptr<int> what;
        };
        std::promise<void> asked;
        std::promise<void> released;
        auto held = std::make_shared<int>(0);
        const std::weak_ptr<int> watched = held;
        const auto answerLate = [&](const Request&) {
            asked.set_value();
            released.get_future().wait();
            return Response::stream(std::make_unique<Held>(std::move(held)), "text/plain");
        };
        TestServer house({route(Method::Get, "/", answerLate, Execution::Worker)});
        EdgeSettings settings;
        settings.address = "127.0.0.1";
        settings.port = 0;
        settings.loops = 1;
        auto server = std::make_unique<HttpServer>(settings, house.slot, house.workers, house.channels, house.registry);
        server->start();
        RawClient client(server->port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        asked.get_future().wait();
        CPPUNIT_ASSERT(!server->drain(std::chrono::milliseconds(0)));
        server.reset();
        released.set_value();
        house.workers.stop();
        CPPUNIT_ASSERT(watched.expired());
    }

    void requestIdsDifferAndNeedNoBlockOfTheHeap() {
        TestServer server({route(Method::Get, "/", say("hi"))});
        std::set<std::string> ids;
        for (int connection = 0; connection < 4; ++connection) {
            RawClient client(server.port());
            for (int count = 0; count < 50; ++count) ids.insert(client.get("/").headers.at("x-request-id"));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{200}, ids.size());
        for (const auto& id : ids) CPPUNIT_ASSERT(id.size() <= std::string().capacity() - 4);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpServerTest);
