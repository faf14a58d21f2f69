#include "PatternSource.h"
#include "TlsClient.h"
#include "WebSocketClient.h"

#include <playhouse/Responder.h>

#include <cppunit/extensions/HelperMacros.h>

#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <stdexcept>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;

namespace {}  // namespace

/// What holds in clear holds under TLS, with a client of OpenSSL.
class TlsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TlsTest);
    CPPUNIT_TEST(answersPipelinedRequests);
    CPPUNIT_TEST(tellsHandlersTheScheme);
    CPPUNIT_TEST(largeBodiesOfEachKindArriveWhole);
    CPPUNIT_TEST(slowReadersGetAllOfIt);
    CPPUNIT_TEST(largeRequestBodiesArriveWhole);
    CPPUNIT_TEST(endsWithCloseNotify);
    CPPUNIT_TEST(clientThatHasEndedItsSideGetsItsAnswer);
    CPPUNIT_TEST(pipelinedRequestBehindAWaitingOneIsAnswered);
    CPPUNIT_TEST(clientThatHangsUpIsNoticed);
    CPPUNIT_TEST(webSocketsEcho);
    CPPUNIT_TEST(unfinishedRequestGets408);
    CPPUNIT_TEST_SUITE_END();

    Certificates certificates_;
    Certificates::Files files_ = certificates_.make("localhost");

    TlsOffer offer() const { return {.trust = files_.certificate}; }

    void answersPipelinedRequests() {
        TestServer server(
            {route(Method::Get, "/inline/{n}", [](const Request& r) { return Response::text(r.pathParameter("n")); }),
             route(
                 Method::Get, "/worker/{n}", [](const Request& r) { return Response::text(r.pathParameter("n")); },
                 Execution::Worker)},
            overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        std::string requests;
        for (int index = 0; index < 200; ++index)
            requests += std::string("GET ") + (index % 3 ? "/inline/" : "/worker/") + std::to_string(index) +
                        " HTTP/1.1\r\nHost: x\r\n\r\n";
        client.send(requests);
        for (int index = 0; index < 200; ++index) CPPUNIT_ASSERT_EQUAL(std::to_string(index), client.body());
    }

    void tellsHandlersTheScheme() {
        TestServer server({route(Method::Get, "/", [](const Request& r) { return Response::text(r.scheme()); })},
                          overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        client.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("https"), client.body());
        RawClient clear(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("http"), clear.get("/").body);
    }

    void largeBodiesOfEachKindArriveWhole() {
        const auto text = pattern(5'000'017);
        const auto buffer = SharedBuffer(text);
        const auto path = certificates_.path("media");
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(text.size()), ::write(file, text.data(), text.size()));
        ::close(file);
        const auto source = [&text](const Request&) {
            return Response::stream(std::make_unique<PatternSource>(text), "video/mp4");
        };
        TestServer server(
            {route(Method::Get, "/buffer", [&](const Request&) { return Response::bytes(buffer, "video/mp4"); }),
             route(Method::Get, "/file", [&](const Request&) { return Response::file(SharedFile(path), "video/mp4"); }),
             route(Method::Get, "/source", source), route(Method::Get, "/worker", source, Execution::Worker)},
            overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        for (const auto* target : {"/buffer", "/file", "/source", "/worker"}) {
            client.get(target);
            CPPUNIT_ASSERT_MESSAGE(target, text == client.body());
        }
        for (const auto* target : {"/buffer", "/file"}) {
            client.get(target, "Range: bytes=999999-3333333\r\n");
            CPPUNIT_ASSERT_MESSAGE(target, text.substr(999'999, 2'333'335) == client.body());
        }
    }

    void slowReadersGetAllOfIt() {
        const auto text = pattern(3'000'011);
        const auto buffer = SharedBuffer(text);
        TestServer server(
            {route(Method::Get, "/", [&](const Request&) { return Response::bytes(buffer, "video/mp4"); })},
            overTls(files_));
        auto made = offer();
        made.receiveBuffer = 4096;
        TlsClient client(server.server.tlsPort(), made);
        // The server's socket is full before the first of it is read: records have to wait.
        client.get("/");
        client.get("/");
        for (int round = 0; round < 2; ++round) CPPUNIT_ASSERT(text == client.body());
    }

    void largeRequestBodiesArriveWhole() {
        TestServer server({route(Method::Post, "/echo", [](const Request& r) { return Response::text(r.body()); })},
                          overTls(files_));
        const auto text = pattern(900'001);
        TlsClient client(server.server.tlsPort(), offer());
        client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" +
                    text);
        CPPUNIT_ASSERT(text == client.body());
    }

    void endsWithCloseNotify() {
        TestServer server({route(Method::Get, "/", say("hi"))}, overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        client.get("/", "Connection: close\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), client.body());
        CPPUNIT_ASSERT(client.isClosedInOrder());
        TlsClient wrong(server.server.tlsPort(), offer());
        wrong.send("nonsense\r\n\r\n");
        CPPUNIT_ASSERT(wrong.head().starts_with("HTTP/1.1 400"));
        while (!wrong.receive(1).empty()) {
        }
        CPPUNIT_ASSERT(wrong.isClosedInOrder());
    }

    void clientThatHasEndedItsSideGetsItsAnswer() {
        TestServer server(
            {route(
                Method::Get, "/", [](const Request&) { return Response::text("still"); }, Execution::Worker)},
            overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        client.get("/");
        client.endSending();
        CPPUNIT_ASSERT_EQUAL(std::string("still"), client.body());
    }

    void pipelinedRequestBehindAWaitingOneIsAnswered() {
        std::promise<Responder> waiting;
        auto arrived = waiting.get_future();
        TestServer server(
            {deferredRoute("/wait",
                           [&](const Request&, Responder responder) { waiting.set_value(std::move(responder)); }),
             route(Method::Get, "/next", say("next"))},
            overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        client.get("/wait");
        auto responder = arrived.get();
        // It comes while the first waits, and is seen, decrypted and left there.
        client.get("/next");
        responder.send(Response::text("first"));
        CPPUNIT_ASSERT_EQUAL(std::string("first"), client.body());
        CPPUNIT_ASSERT_EQUAL(std::string("next"), client.body());
    }

    void clientThatHangsUpIsNoticed() {
        std::promise<Responder> waiting;
        auto arrived = waiting.get_future();
        TestServer server(
            {deferredRoute("/wait",
                           [&](const Request&, Responder responder) { waiting.set_value(std::move(responder)); })},
            overTls(files_));
        auto client = std::make_unique<TlsClient>(server.server.tlsPort(), offer());
        client->get("/wait");
        auto responder = arrived.get();
        client->endSending();
        client.reset();
        while (!responder.clientIsGone()) std::this_thread::yield();
    }

    void webSocketsEcho() {
        TestServer server({channelRoute("/echo", echo())}, overTls(files_));
        TlsClient client(server.server.tlsPort(), offer());
        client.get("/echo",
                   "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        CPPUNIT_ASSERT(client.head().starts_with("HTTP/1.1 101"));
        std::string frames;
        for (int index = 0; index < 500; ++index) frames += clientFrame(0x81, "message " + std::to_string(index));
        client.send(frames);
        for (int index = 0; index < 500; ++index) {
            const auto text = "message " + std::to_string(index);
            CPPUNIT_ASSERT_EQUAL("\x81" + std::string(1, static_cast<char>(text.size())) + text,
                                 client.receive(text.size() + 2));
        }
        client.send(clientFrame(0x88, std::string("\x03\xe8", 2)));
        CPPUNIT_ASSERT_EQUAL(std::string("\x88\x02\x03\xe8", 4), client.receive(4));
        CPPUNIT_ASSERT(client.isClosedInOrder());
    }

    void unfinishedRequestGets408() {
        EdgeSettings settings;
        settings.headerTimeout = std::chrono::milliseconds(300);
        TestServer server({}, overTls(files_, settings));
        TlsClient client(server.server.tlsPort(), offer());
        client.send("GET / HTTP/1.1\r\n");
        CPPUNIT_ASSERT(client.head().starts_with("HTTP/1.1 408"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TlsTest);
