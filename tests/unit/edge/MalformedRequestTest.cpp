#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

using namespace playhouse;
using namespace playhouse::host;

/// What RFC 9112 forbids, or this server limits, is refused with the right status, closes the connection, and never
/// reaches a handler.
class MalformedRequestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MalformedRequestTest);
    CPPUNIT_TEST(malformedRequestsGet400);
    CPPUNIT_TEST(ambiguousLengthsGet400);
    CPPUNIT_TEST(unknownMethodGets501);
    CPPUNIT_TEST(unknownTransferCodingGets501);
    CPPUNIT_TEST(unknownExpectationGets417);
    CPPUNIT_TEST(otherVersionGets505);
    CPPUNIT_TEST(longTargetGets414);
    CPPUNIT_TEST(largeHeadGets431);
    CPPUNIT_TEST(endlessChunkHeaderGets431);
    CPPUNIT_TEST(endlessTrailerGets431);
    CPPUNIT_TEST(largeBodyGets413);
    CPPUNIT_TEST(largeChunkedBodyGets413);
    CPPUNIT_TEST(slowHeadGets408);
    CPPUNIT_TEST(slowBodyGets408);
    CPPUNIT_TEST(refusalsAreUtf8);
    CPPUNIT_TEST_SUITE_END();

    std::atomic<int> handled_{0};

    std::unique_ptr<TestServer> serve(EdgeSettings settings = {}) {
        handled_ = 0;
        const auto handler = [this](const Request& request) {
            ++handled_;
            return Response::text(request.body());
        };
        return std::make_unique<TestServer>(
            std::deque<Route>{route(Method::Get, "/a", handler), route(Method::Post, "/a", handler)}, settings);
    }

    void expectRefusal(TestServer& server, const std::string& request, int status) {
        RawClient client(server.port());
        client.send(request);
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(request.substr(0, 200), status, answer.status);
        CPPUNIT_ASSERT(answer.body.find("\"success\":false") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(request.substr(0, 200), std::string("close"), answer.headers.at("connection"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(request.substr(0, 200), 0, handled_.load());
    }

    void malformedRequestsGet400() {
        const auto server = serve();
        for (const std::string request :
             {"GARBAGE\r\n\r\n", "GET\r\n\r\n", "GET /a\r\n\r\n", "GET  /a HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
              "GET /a HTTP/1.1\r\nHost: x\r\nBad Name: v\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\n: v\r\n\r\n",
              "GET /a HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /../a HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a%00 HTTP/1.1\r\nHost: x\r\n\r\n",
              "G\x01T /a HTTP/1.1\r\nHost: x\r\n\r\n", "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
              "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n",
              "GET /a HTTP/1.1\r\nHost: user@a\r\n\r\n"})
            expectRefusal(*server, request, 400);
    }

    void ambiguousLengthsGet400() {
        const auto server = serve();
        const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\n";
        for (const std::string fields :
             {"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
              "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
              "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Content-Length: -1\r\n\r\n",
              "Content-Length: 1x\r\n\r\na", "Content-Length: 99999999999999999999\r\n\r\n",
              "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"})
            expectRefusal(*server, head + fields, 400);
    }

    void unknownMethodGets501() {
        const auto server = serve();
        for (const std::string method : {"CONNECT", "TRACE", "PROPFIND", "get"})
            expectRefusal(*server, method + " /a HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    }

    void unknownTransferCodingGets501() {
        const auto server = serve();
        expectRefusal(*server, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501);
    }

    void unknownExpectationGets417() {
        const auto server = serve();
        expectRefusal(*server, "POST /a HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\na", 417);
    }

    void otherVersionGets505() {
        const auto server = serve();
        expectRefusal(*server, "GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 505);
    }

    void longTargetGets414() {
        const auto server = serve();
        expectRefusal(*server, "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414);
    }

    void largeHeadGets431() {
        const auto server = serve();
        expectRefusal(*server, "GET /a HTTP/1.1\r\nHost: x\r\nLong: " + std::string(20000, 'a') + "\r\n\r\n", 431);
        expectRefusal(*server, "GET /a HTTP/1.1\r\nHost: x\r\nEndless: " + std::string(20000, 'a'), 431);
    }

    void endlessChunkHeaderGets431() {
        const auto server = serve();
        expectRefusal(*server,
                      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=" + std::string(20000, 'b'),
                      431);
    }

    void endlessTrailerGets431() {
        const auto server = serve();
        expectRefusal(
            *server,
            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(20000, 'b'), 431);
    }

    void largeBodyGets413() {
        EdgeSettings settings;
        settings.maximumBodySize = 10;
        const auto server = serve(settings);
        expectRefusal(*server, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world", 413);
    }

    void largeChunkedBodyGets413() {
        EdgeSettings settings;
        settings.maximumBodySize = 10;
        const auto server = serve(settings);
        expectRefusal(
            *server,
            "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
            413);
    }

    void slowHeadGets408() {
        EdgeSettings settings;
        settings.headerTimeout = std::chrono::milliseconds(50);
        const auto server = serve(settings);
        expectRefusal(*server, "GET /a HTTP/1.1\r\nHost", 408);
    }

    void slowBodyGets408() {
        EdgeSettings settings;
        settings.bodyTimeout = std::chrono::milliseconds(50);
        const auto server = serve(settings);
        expectRefusal(*server, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", 408);
    }

    void refusalsAreUtf8() {
        const auto server = serve();
        RawClient client(server->port());
        client.send("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT(answer.body.find("There is nothing at /\xef\xbf\xbd.") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MalformedRequestTest);
