#include "RefusingServer.h"

using namespace playhouse;
using namespace playhouse::host;

/// What is longer, larger or slower than this server waits for.
class MalformedRequestLimitsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MalformedRequestLimitsTest);
    CPPUNIT_TEST(rfc9110Section15_5_15LongTargetGets414);
    CPPUNIT_TEST(rfc6585Section5LargeHeadGets431);
    CPPUNIT_TEST(rfc6585Section5ManyFieldsGet431);
    CPPUNIT_TEST(headOfTheLargestSizeIsTaken);
    CPPUNIT_TEST(rfc9112Section7_1_1EndlessChunkExtensionGets431);
    CPPUNIT_TEST(rfc9112Section7_1EndlessChunkSizeGets431);
    CPPUNIT_TEST(rfc9112Section7_1_2EndlessTrailersGet431);
    CPPUNIT_TEST(rfc9110Section15_5_14LargeBodyGets413);
    CPPUNIT_TEST(rfc9110Section15_5_14LargeChunkedBodyGets413);
    CPPUNIT_TEST(rfc9110Section15_5_14HugeChunkGets413AtOnce);
    CPPUNIT_TEST(rfc9110Section10_1_1LargeBodyIsNotAskedFor);
    CPPUNIT_TEST(rfc9110Section15_5_9SlowHeadGets408);
    CPPUNIT_TEST(rfc9110Section15_5_9SlowBodyGets408);
    CPPUNIT_TEST(rfc9110Section15_5_9TricklingHeadGets408);
    CPPUNIT_TEST(rfc9110Section15_5_9TricklingBodyGets408);
    CPPUNIT_TEST(refusalsAreUtf8);
    CPPUNIT_TEST(refusalsAfterHeadHaveTheirBody);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* get = "GET /a HTTP/1.1\r\nHost: x\r\n";
    static constexpr const char* chunked = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    static void refuse(const std::string& request, int status, EdgeSettings settings = {}) {
        RefusingServer(std::move(settings)).expectRefusal(request, status);
    }

    static EdgeSettings smallBodies() {
        EdgeSettings settings;
        settings.maximumBodySize = 10;
        return settings;
    }

    void rfc9110Section15_5_15LongTargetGets414() {
        refuse("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414);
        refuse("GET /" + std::string(20000, 'a'), 414);
        refuse("GET /a?" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414);
    }

    void rfc6585Section5LargeHeadGets431() {
        refuse(get + ("Long: " + std::string(20000, 'a')) + "\r\n\r\n", 431);
        refuse(get + ("Endless: " + std::string(20000, 'a')), 431);
        refuse(get + (std::string(20000, 'a') + ": b\r\n\r\n"), 431);
    }

    void rfc6585Section5ManyFieldsGet431() {
        std::string fields;
        for (int count = 0; count < 4000; ++count) fields += "A: b\r\n";
        refuse(get + fields + "\r\n", 431);
    }

    void headOfTheLargestSizeIsTaken() {
        EdgeSettings settings;
        RefusingServer server(settings);
        std::string head = get + std::string("A: ");
        head.append(settings.maximumHeaderSize - head.size() - 4, 'b');
        server.expectAnswer(head + "\r\n\r\n");
        server.expectRefusal(head + "b\r\n\r\n", 431);
    }

    void rfc9112Section7_1_1EndlessChunkExtensionGets431() {
        refuse(chunked + ("1;a=" + std::string(20000, 'b')), 431);
        refuse(chunked + ("1;a=\"" + std::string(20000, 'b')), 431);
        refuse(chunked + ("1\r\na\r\n0;a=" + std::string(20000, 'b')), 431);
    }

    void rfc9112Section7_1EndlessChunkSizeGets431() { refuse(chunked + std::string(20000, '0'), 431); }

    void rfc9112Section7_1_2EndlessTrailersGet431() {
        refuse(chunked + ("0\r\nA: " + std::string(20000, 'b')), 431);
        std::string trailers;
        for (int count = 0; count < 4000; ++count) trailers += "A: b\r\n";
        refuse(chunked + ("0\r\n" + trailers) + "\r\n", 431);
    }

    void rfc9110Section15_5_14LargeBodyGets413() {
        refuse("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world", 413, smallBodies());
        refuse("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n", 413, smallBodies());
    }

    void rfc9110Section15_5_14LargeChunkedBodyGets413() {
        refuse(std::string(chunked) + "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n", 413, smallBodies());
    }

    void rfc9110Section15_5_14HugeChunkGets413AtOnce() {
        refuse(std::string(chunked) + "ffffffffffffffff\r\n", 413, smallBodies());
    }

    void rfc9110Section10_1_1LargeBodyIsNotAskedFor() {
        refuse("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n", 413, smallBodies());
    }

    void rfc9110Section15_5_9SlowHeadGets408() {
        EdgeSettings settings;
        settings.headerTimeout = std::chrono::milliseconds(50);
        for (const auto* begin : {"G", "GET /a HTTP/1.1\r\n", "GET /a HTTP/1.1\r\nHost"}) refuse(begin, 408, settings);
    }

    void rfc9110Section15_5_9SlowBodyGets408() {
        EdgeSettings settings;
        settings.bodyTimeout = std::chrono::milliseconds(50);
        refuse("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", 408, settings);
        refuse(std::string(chunked) + "3\r\nabc\r\n", 408, settings);
        refuse(std::string(chunked) + "3\r\nabc\r\n0\r\n", 408, settings);
    }

    /// Bytes that come one by one do not win more time.
    static void trickle(std::string_view begin, EdgeSettings settings) {
        RefusingServer server(std::move(settings));
        RawClient client(server.port());
        client.send(begin);
        while (!client.hasInput(std::chrono::milliseconds(5))) client.send("a");
        CPPUNIT_ASSERT_EQUAL(408, client.receive().status);
        CPPUNIT_ASSERT_EQUAL(0, server.handled());
    }

    void rfc9110Section15_5_9TricklingHeadGets408() {
        EdgeSettings settings;
        settings.headerTimeout = std::chrono::milliseconds(100);
        trickle("GET /a HTTP/1.1\r\nA: ", settings);
    }

    void rfc9110Section15_5_9TricklingBodyGets408() {
        EdgeSettings settings;
        settings.bodyTimeout = std::chrono::milliseconds(100);
        trickle("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", settings);
    }

    void refusalsAreUtf8() {
        RefusingServer server;
        RawClient client(server.port());
        client.send("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(404, answer.status);
        CPPUNIT_ASSERT(answer.body.find("There is nothing at /\xef\xbf\xbd.") != std::string::npos);
    }

    /// What the request before was does not decide how a refusal is sent.
    void refusalsAfterHeadHaveTheirBody() {
        RefusingServer server;
        RawClient client(server.port());
        client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(200, client.receive(false).status);
        client.send("GARBAGE\r\n\r\n");
        CPPUNIT_ASSERT(client.receive().body.find("BAD_REQUEST") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MalformedRequestLimitsTest);
