#include "RefusingServer.h"

#include <optional>

using namespace playhouse;
using namespace playhouse::host;

/// Bodies whose end two recipients would see in different places: request smuggling.
class MalformedRequestFramingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MalformedRequestFramingTest);
    CPPUNIT_TEST(rfc9112Section6_1LengthBesideACodingGets400);
    CPPUNIT_TEST(rfc9112Section6_3SeveralLengthsGet400);
    CPPUNIT_TEST(rfc9110Section8_6LengthsThatAreNoNumbersGet400);
    CPPUNIT_TEST(rfc9112Section6_3CodingsThatDoNotEndInChunkedGet400);
    CPPUNIT_TEST(rfc9112Section6_1UnknownCodingBeforeChunkedGets501);
    CPPUNIT_TEST(rfc9112Section6_1CodingInHttp10Gets400);
    CPPUNIT_TEST(rfc9112Section7_1BadChunkSizesGet400);
    CPPUNIT_TEST(rfc9112Section7_1ChunksWithoutTheirEndGet400);
    CPPUNIT_TEST(rfc9112Section2_2BareLineEndsInChunksGet400);
    CPPUNIT_TEST(rfc9112Section7_1_1MalformedExtensionsGet400);
    CPPUNIT_TEST(rfc9112Section7_1_1ExtensionsAreIgnored);
    CPPUNIT_TEST(rfc9110Section6_5_1FramingAndRoutingTrailersGet400);
    CPPUNIT_TEST(rfc9110Section6_5_1TrailersDoNotBecomeFields);
    CPPUNIT_TEST(rfc9112Section7_1_2MalformedTrailersGet400);
    CPPUNIT_TEST(rfc9112Section11_2SmuggledRequestsAreNeverAnswered);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { server_.emplace(); }
    void tearDown() override { server_.reset(); }

private:
    std::optional<RefusingServer> server_;

    static std::string post(std::string_view fieldsAndBody) {
        return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fieldsAndBody);
    }

    static std::string chunked(std::string_view body) {
        return post("Transfer-Encoding: chunked\r\n\r\n" + std::string(body));
    }

    void refuseChunks(std::initializer_list<std::string_view> bodies) {
        for (const auto body : bodies) server_->expectRefusal(chunked(body), 400);
    }

    void rfc9112Section6_1LengthBesideACodingGets400() {
        for (const auto* fields : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                                   "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                                   "Content-Length: 3\r\ntransfer-encoding: CHUNKED\r\n",
                                   "Content-Length: 3\r\nTransfer-Encoding: identity\r\n",
                                   "Content-Length: 3\r\nTransfer-Encoding: xchunked\r\n",
                                   "Content-Length: 3\r\nA: b\r\nTransfer-Encoding:\tchunked\r\n"})
            server_->expectRefusal(post(fields + std::string("\r\n0\r\n\r\n")), 400);
    }

    void rfc9112Section6_3SeveralLengthsGet400() {
        for (const auto* fields :
             {"Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3\r\nContent-Length: 3\r\n",
              "Content-Length: 3, 3\r\n", "Content-Length: 3,4\r\n", "Content-Length: 3,\r\n"})
            server_->expectRefusal(post(fields + std::string("\r\nabcd")), 400);
    }

    void rfc9110Section8_6LengthsThatAreNoNumbersGet400() {
        for (const std::string length : {"", "-1", "+3", "0x3", "3 4", "3.0", "3e0", "a", "3a", "\xd9\xa3",
                                         "18446744073709551616", "99999999999999999999"})
            server_->expectRefusal(post("Content-Length: " + length + "\r\n\r\nabc"), 400);
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), server_->expectAnswer(post("Content-Length: \t003 \r\n\r\nabc")));
    }

    void rfc9112Section6_3CodingsThatDoNotEndInChunkedGet400() {
        for (const std::string codings :
             {"identity", "chunked, identity", "gzip", "xchunked", "chunkedx", "chunked;q=1", "chunked, chunked",
              "\"chunked\"", "", "chunked\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: identity"})
            server_->expectRefusal(post("Transfer-Encoding: " + codings + "\r\n\r\n0\r\n\r\n"), 400);
    }

    void rfc9112Section6_1UnknownCodingBeforeChunkedGets501() {
        for (const std::string codings : {"gzip, chunked", "deflate,chunked"})
            server_->expectRefusal(post("Transfer-Encoding: " + codings + "\r\n\r\n0\r\n\r\n"), 501);
    }

    void rfc9112Section6_1CodingInHttp10Gets400() {
        server_->expectRefusal("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    }

    void rfc9112Section7_1BadChunkSizesGet400() {
        refuseChunks({"zz\r\nabc\r\n0\r\n\r\n", "-1\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n",
                      "0x3\r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n",
                      "\r\nabc\r\n0\r\n\r\n", "3,3\r\nabc\r\n0\r\n\r\n", "10000000000000000\r\nabc\r\n0\r\n\r\n",
                      "fffffffffffffffffffff\r\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n-0\r\n\r\n",
                      "3\r\nabc\r\n0x0\r\n\r\n"});
    }

    void rfc9112Section7_1ChunksWithoutTheirEndGet400() {
        refuseChunks({"3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc0\r\n\r\n", "3\r\nab\r\n0\r\n\r\n", "3\r\nabc\r0\r\n\r\n",
                      "4\r\nabc\r\n0\r\n\r\n"});
    }

    void rfc9112Section2_2BareLineEndsInChunksGet400() {
        refuseChunks({"3\nabc\n0\n\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc\r\n0\n\r\n",
                      "3;a\nb\r\nabc\r\n0\r\n\r\n", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n"});
    }

    void rfc9112Section7_1_1MalformedExtensionsGet400() {
        refuseChunks({"3;\r\nabc\r\n0\r\n\r\n", "3;=a\r\nabc\r\n0\r\n\r\n", "3;a=\r\nabc\r\n0\r\n\r\n",
                      "3;a=\"b\r\nabc\r\n0\r\n\r\n", "3;a=\"\r\nabc\r\n0\r\n\r\n\"\r\n", "3;a=b c\r\nabc\r\n0\r\n\r\n",
                      "3 a\r\nabc\r\n0\r\n\r\n"});
    }

    void rfc9112Section7_1_1ExtensionsAreIgnored() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("abcde"),
            server_->expectAnswer(chunked("3;a;b=c;d=\"e;f\"\r\nabc\r\n02 ; x\r\nde\r\n000;z\r\n\r\n")));
    }

    void rfc9110Section6_5_1FramingAndRoutingTrailersGet400() {
        for (const std::string trailer : {"Host: y", "Content-Length: 3", "Transfer-Encoding: chunked"})
            server_->expectRefusal(chunked("3\r\nabc\r\n0\r\n" + trailer + "\r\n\r\n"), 400);
    }

    void rfc9110Section6_5_1TrailersDoNotBecomeFields() {
        TestServer server({route(Method::Post, "/names", [](const Request& request) {
            std::string names;
            for (std::size_t index = 0; index < request.headers().size(); ++index)
                names += std::string(request.headers().at(index).name) + " ";
            return Response::text(names);
        })});
        RawClient client(server.port());
        client.send(
            "POST /names HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
            "Authorization: Bearer stolen\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("Host Transfer-Encoding "), client.receive().body);
        client.send("POST /names HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
    }

    void rfc9112Section7_1_2MalformedTrailersGet400() {
        for (const std::string trailer : {"A : b", ": b", "A", "A: b\nC: d", "A: b\rC: d", "A: \x01"})
            server_->expectRefusal(chunked("3\r\nabc\r\n0\r\n" + trailer + "\r\n\r\n"), 400);
    }

    /// What follows an ambiguous message is not read as a request, nor what a body seems to hold.
    void rfc9112Section11_2SmuggledRequestsAreNeverAnswered() {
        const std::string smuggled = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
        for (const std::string fields :
             {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
              "Transfer-Encoding : chunked\r\n", "X: y\nTransfer-Encoding: chunked\r\n",
              "Content-Length: 0\r\nContent-Length: 5\r\n",
              "Transfer-Encoding:\x0b"
              "chunked\r\n"})
            server_->expectRefusal(post(fields + "\r\n0\r\n\r\n" + smuggled), 400);
        RawClient client(server_->port());
        client.send(post("Content-Length: " + std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled + smuggled));
        CPPUNIT_ASSERT_EQUAL(smuggled, client.receive().body);
        CPPUNIT_ASSERT_EQUAL(std::string(), client.receive().body);
        client.endSending();
        CPPUNIT_ASSERT(client.isClosed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MalformedRequestFramingTest);
