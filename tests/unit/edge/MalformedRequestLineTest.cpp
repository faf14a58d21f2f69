#include "RefusingServer.h"

#include <optional>

using namespace playhouse::host;

/// Request lines that no recipient may guess at.
class MalformedRequestLineTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MalformedRequestLineTest);
    CPPUNIT_TEST(rfc9112Section3OtherSpacesGet400);
    CPPUNIT_TEST(rfc9112Section2_2BareLineEndsGet400);
    CPPUNIT_TEST(rfc9112Section3_1MethodsThatAreNoTokensGet400);
    CPPUNIT_TEST(rfc9110Section9_1UnknownMethodsGet501);
    CPPUNIT_TEST(rfc9112Section3OverlongMethodGets501);
    CPPUNIT_TEST(rfc9110Section15_5_6KnownMethodElsewhereGets405);
    CPPUNIT_TEST(rfc9112Section3_2TargetsOfNoFormGet400);
    CPPUNIT_TEST(rfc9112Section3_2_4StarIsForOptionsAlone);
    CPPUNIT_TEST(rfc9110Section2_5OtherVersionsGet505);
    CPPUNIT_TEST(rfc9112Section2_3MalformedVersionsGet400);
    CPPUNIT_TEST(rfc1945SimpleRequestGets400);
    CPPUNIT_TEST(rfc9113PrefaceGets505);
    CPPUNIT_TEST(tlsHandshakeGets400AtOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { server_.emplace(); }
    void tearDown() override { server_.reset(); }

private:
    std::optional<RefusingServer> server_;

    void refuse(int status, std::initializer_list<std::string_view> lines) {
        for (const auto line : lines) server_->expectRefusal(std::string(line) + "\r\nHost: x\r\n\r\n", status);
    }

    void rfc9112Section3OtherSpacesGet400() {
        refuse(400, {"GET  /a HTTP/1.1", "GET\t/a HTTP/1.1", " GET /a HTTP/1.1", "GET /a  HTTP/1.1", "GET /a\tHTTP/1.1",
                     "GET /a HTTP/1.1 ", "GET /a b HTTP/1.1", "GET /a", "GET"});
    }

    void rfc9112Section2_2BareLineEndsGet400() {
        for (const std::string request :
             {"GET /a HTTP/1.1\nHost: x\n\n", "GET /a HTTP/1.1\nHost: x\r\n\r\n", "GET /a HTTP/1.1\rHost: x\r\n\r\n",
              "GET /a HTTP/1.1\r\r\nHost: x\r\n\r\n", "GET /a\r HTTP/1.1\r\nHost: x\r\n\r\n"})
            server_->expectRefusal(request, 400);
    }

    void rfc9112Section3_1MethodsThatAreNoTokensGet400() {
        refuse(400, {"G\x01T /a HTTP/1.1", "G(T /a HTTP/1.1", "G\xc3\xa9T /a HTTP/1.1", "\"GET\" /a HTTP/1.1"});
        server_->expectRefusal(std::string("G\0T /a HTTP/1.1\r\nHost: x\r\n\r\n", 29), 400);
    }

    void rfc9110Section9_1UnknownMethodsGet501() {
        refuse(501, {"CONNECT /a HTTP/1.1", "CONNECT example.com:443 HTTP/1.1", "TRACE /a HTTP/1.1",
                     "PROPFIND /a HTTP/1.1", "get /a HTTP/1.1", "Get /a HTTP/1.1", "G /a HTTP/1.1"});
    }

    void rfc9112Section3OverlongMethodGets501() {
        server_->expectRefusal(std::string(33, 'A'), 501);
        server_->expectRefusal(std::string(20000, 'A') + " /a HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    }

    void rfc9110Section15_5_6KnownMethodElsewhereGets405() {
        RawClient client(server_->port());
        client.send("DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(405, answer.status);
        CPPUNIT_ASSERT(answer.headers.at("allow").find("GET") != std::string::npos);
    }

    void rfc9112Section3_2TargetsOfNoFormGet400() {
        refuse(400, {"GET a HTTP/1.1", "GET host:80 HTTP/1.1", "GET ftp://x/a HTTP/1.1", "GET http:///a HTTP/1.1",
                     "GET http://user@x/a HTTP/1.1", "GET http://x:port/a HTTP/1.1", "GET /%zz HTTP/1.1",
                     "GET /% HTTP/1.1", "GET /a%00 HTTP/1.1", "GET /a%0d%0ab HTTP/1.1", "GET /../a HTTP/1.1",
                     "GET /a/%2e%2e/%2e%2e/b HTTP/1.1", "GET ?a HTTP/1.1"});
    }

    void rfc9112Section3_2_4StarIsForOptionsAlone() {
        refuse(400, {"GET * HTTP/1.1", "POST * HTTP/1.1", "OPTIONS ** HTTP/1.1", "OPTIONS *?a HTTP/1.1"});
    }

    void rfc9110Section2_5OtherVersionsGet505() {
        refuse(505, {"GET /a HTTP/2.0", "GET /a HTTP/0.9", "GET /a HTTP/9.9", "GET /a HTTP/3.0"});
    }

    void rfc9112Section2_3MalformedVersionsGet400() {
        refuse(400, {"GET /a http/1.1", "GET /a HTTP/1.1x", "GET /a HTTP/11", "GET /a HTTP/1,1", "GET /a HTTP/1.",
                     "GET /a HTTP/", "GET /a ICAP/1.0", "GET /a HTTP/01.1"});
    }

    void rfc1945SimpleRequestGets400() { server_->expectRefusal("GET /a\r\n", 400); }

    void rfc9113PrefaceGets505() { server_->expectRefusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505); }

    /// RFC 8446 section 5.1: the first bytes of a ClientHello's record.
    void tlsHandshakeGets400AtOnce() {
        server_->expectRefusal(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MalformedRequestLineTest);
