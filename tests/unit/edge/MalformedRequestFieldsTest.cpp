#include "RefusingServer.h"

#include <optional>

using namespace playhouse;
using namespace playhouse::host;

/// Header fields that two recipients would read differently.
class MalformedRequestFieldsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MalformedRequestFieldsTest);
    CPPUNIT_TEST(rfc9112Section5_1SpaceBeforeTheColonGets400);
    CPPUNIT_TEST(rfc9110Section5_1NamesThatAreNoTokensGet400);
    CPPUNIT_TEST(rfc9112Section5_2FoldedFieldsGet400);
    CPPUNIT_TEST(rfc9112Section2_2SpaceBeforeTheFirstFieldGets400);
    CPPUNIT_TEST(rfc9110Section5_5ControlCharactersGet400);
    CPPUNIT_TEST(rfc9112Section2_2BareLineEndsGet400);
    CPPUNIT_TEST(rfc9112Section3_2HostIsNeededOnce);
    CPPUNIT_TEST(rfc9112Section3_2InvalidHostsGet400);
    CPPUNIT_TEST(rfc9110Section7_2ValidHostsAreTaken);
    CPPUNIT_TEST(rfc9112Section3_2_2AbsoluteTargetNamesTheHost);
    CPPUNIT_TEST(rfc9110Section10_1_1OtherExpectationsGet417);
    CPPUNIT_TEST(rfc9110Section7_6_1MalformedConnectionGets400);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { server_.emplace(); }
    void tearDown() override { server_.reset(); }

private:
    std::optional<RefusingServer> server_;

    void refuse(std::initializer_list<std::string_view> fields, int status = 400) {
        for (const auto field : fields)
            server_->expectRefusal("GET /a HTTP/1.1\r\nHost: x\r\n" + std::string(field) + "\r\n\r\n", status);
    }

    void rfc9112Section5_1SpaceBeforeTheColonGets400() {
        refuse({"Name : v", "Name\t: v", "Content-Length : 0", "Transfer-Encoding : chunked"});
    }

    void rfc9110Section5_1NamesThatAreNoTokensGet400() {
        refuse({": v", "Bad Name: v", "Na(me: v", "N\xc3\xa9: v", "Name", "\"Name\": v", "Na\x01me: v"});
        refuse({std::string_view("Na\0me: v", 8)});
    }

    void rfc9112Section5_2FoldedFieldsGet400() {
        refuse({"A: b\r\n c", "A: b\r\n\tc", "A: b\r\n ", "Transfer-Encoding:\r\n chunked",
                "A: b\r\n Transfer-Encoding: chunked"});
    }

    void rfc9112Section2_2SpaceBeforeTheFirstFieldGets400() {
        server_->expectRefusal("GET /a HTTP/1.1\r\n Host: x\r\n\r\n", 400);
        server_->expectRefusal("GET /a HTTP/1.1\r\n\tHost: x\r\nHost: y\r\n\r\n", 400);
    }

    void rfc9110Section5_5ControlCharactersGet400() {
        refuse({"A: b\x01", "A: \x7f", "A: b\x0b", "A: b\x1b[0m"});
        refuse({std::string_view("A: b\0c", 6)});
    }

    void rfc9112Section2_2BareLineEndsGet400() {
        refuse({"A: b\nC: d", "A: b\rC: d", "A: b\r\r\nC: d", "A: b\n", "\nA: b"});
    }

    void rfc9112Section3_2HostIsNeededOnce() {
        for (const std::string request :
             {"GET /a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
              "GET /a HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", "GET http://x/a HTTP/1.1\r\n\r\n",
              "GET /a HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n"})
            server_->expectRefusal(request, 400);
    }

    void rfc9112Section3_2InvalidHostsGet400() {
        for (const std::string host : {"a b", "a/b", "user@a", "a:b", "a:1:2", "[::1", "[]", "[::1]x", "a:999999",
                                       "::1", "a\"b", "a,b:c", "http://a"})
            server_->expectRefusal("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n", 400);
    }

    void rfc9110Section7_2ValidHostsAreTaken() {
        for (const std::string host :
             {"a", "a.example:80", "127.0.0.1", "[::1]:3000", "xn--bcher-kva.example", "a_b", "a:"})
            server_->expectAnswer("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    void rfc9112Section3_2_2AbsoluteTargetNamesTheHost() {
        TestServer server({route(Method::Get, "/host", [](const Request& request) {
            return Response::text(std::string(request.header("Host").value_or("none")));
        })});
        RawClient client(server.port());
        client.send("GET http://right.example:80/host HTTP/1.1\r\nHost: wrong.example\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("right.example:80"), client.receive().body);
        client.send("GET HTTPS://right.example/host HTTP/1.1\r\nHost: right.example\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("right.example"), client.receive().body);
    }

    void rfc9110Section10_1_1OtherExpectationsGet417() {
        refuse({"Expect: tea", "Expect: 100-continue, tea", "Expect: 200-ok", "Expect: 100-continue\r\nExpect: tea"},
               417);
    }

    void rfc9110Section7_6_1MalformedConnectionGets400() { refuse({"Connection: close; now", "Connection: (a)"}); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MalformedRequestFieldsTest);
