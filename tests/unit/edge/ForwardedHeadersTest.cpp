#include "TestServer.h"

#include "edge/ForwardedHeaders.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;

/// Who the client is behind proxies, and whose word counts.
class ForwardedHeadersTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ForwardedHeadersTest);
    CPPUNIT_TEST(strangersAreNotBelieved);
    CPPUNIT_TEST(theClientIsTheRightmostThatIsNoProxy);
    CPPUNIT_TEST(readsEachFormOfAnAddress);
    CPPUNIT_TEST(whatIsNoAddressEndsTheSearch);
    CPPUNIT_TEST(schemeAndHostAreThoseOfTheClientsHop);
    CPPUNIT_TEST(wrongSchemesAndHostsAreIgnored);
    CPPUNIT_TEST(readsForwardedWhenItIsAskedTo);
    CPPUNIT_TEST(onlyTheChosenHeaderCounts);
    CPPUNIT_TEST(noPluginSeesTheHeaders);
    CPPUNIT_TEST(handlersSeeTheClient);
    CPPUNIT_TEST_SUITE_END();

    using Fields = std::vector<std::pair<std::string, std::string>>;

    static RequestParts taken(const Fields& fields, bool isTrusted = true,
                              ProxySettings::Header header = ProxySettings::Header::XForwarded) {
        RequestParts parts;
        parts.clientAddress = "10.0.0.1";
        parts.headers.add("Host", "inner");
        for (const auto& [name, value] : fields) parts.headers.add(name, value);
        takeForwarded(parts, {TrustedProxies({"10.0.0.0/8"}), header}, isTrusted);
        return parts;
    }

    static RequestParts takenFrom(const std::string& forwarded) {
        return taken({{"Forwarded", forwarded}}, true, ProxySettings::Header::Forwarded);
    }

    static std::string clientOf(const std::string& list) { return taken({{"X-Forwarded-For", list}}).clientAddress; }

public:
    void strangersAreNotBelieved() {
        const auto parts = taken({{"X-Forwarded-For", "192.0.2.7"},
                                  {"X-Forwarded-Proto", "https"},
                                  {"X-Forwarded-Host", "outer"},
                                  {"Forwarded", "for=192.0.2.7;proto=https;host=outer"}},
                                 false);
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1"), parts.clientAddress);
        CPPUNIT_ASSERT_EQUAL(std::string("http"), parts.scheme);
        CPPUNIT_ASSERT(parts.headers.find("Host") == "inner");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, parts.headers.size());
    }

    void theClientIsTheRightmostThatIsNoProxy() {
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), clientOf("192.0.2.7"));
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), clientOf("198.51.100.1, 192.0.2.7"));
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), clientOf("198.51.100.1,192.0.2.7, 10.0.0.3 ,10.0.0.2"));
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.3"), clientOf("10.0.0.3, 10.0.0.2"));
        const auto parts = taken({{"x-forwarded-for", "198.51.100.1, 192.0.2.7"}, {"X-Forwarded-For", "10.0.0.2"}});
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), parts.clientAddress);
    }

    void readsEachFormOfAnAddress() {
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), clientOf("192.0.2.7:4711"));
        CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::7"), clientOf("2001:db8::7"));
        CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::7"), clientOf("[2001:DB8:0::7]:4711"));
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), clientOf("::ffff:192.0.2.7"));
    }

    void whatIsNoAddressEndsTheSearch() {
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1"), clientOf("unknown"));
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1"), clientOf(""));
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1"), clientOf("["));
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.2"), clientOf("192.0.2.7, <script>, 10.0.0.2"));
    }

    void schemeAndHostAreThoseOfTheClientsHop() {
        const auto one = taken({{"X-Forwarded-Proto", "HTTPS"}, {"X-Forwarded-Host", "media.example:8443"}});
        CPPUNIT_ASSERT_EQUAL(std::string("https"), one.scheme);
        CPPUNIT_ASSERT(one.headers.find("Host") == "media.example:8443");
        const auto two = taken({{"X-Forwarded-For", "198.51.100.1, 192.0.2.7, 10.0.0.2"},
                                {"X-Forwarded-Proto", "http, https, http"},
                                {"X-Forwarded-Host", "forged, outer, between"}});
        CPPUNIT_ASSERT_EQUAL(std::string("https"), two.scheme);
        CPPUNIT_ASSERT(two.headers.find("Host") == "outer");
        CPPUNIT_ASSERT_EQUAL(std::string("https"), taken({{"X-Forwarded-Proto", "wss"}}).scheme);
    }

    void wrongSchemesAndHostsAreIgnored() {
        const auto parts = taken({{"X-Forwarded-Proto", "javascript"}, {"X-Forwarded-Host", "a b/<x>"}});
        CPPUNIT_ASSERT_EQUAL(std::string("http"), parts.scheme);
        CPPUNIT_ASSERT(parts.headers.find("Host") == "inner");
    }

    void readsForwardedWhenItIsAskedTo() {
        const auto parts = takenFrom(
            "for=198.51.100.1;proto=http;host=forged, For=\"[2001:db8::7]:4711\" ; Proto=https;host=\"outer:8443\","
            "for=10.0.0.2;proto=http;host=between");
        CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::7"), parts.clientAddress);
        CPPUNIT_ASSERT_EQUAL(std::string("https"), parts.scheme);
        CPPUNIT_ASSERT(parts.headers.find("Host") == "outer:8443");
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1"), takenFrom("for=_hidden").clientAddress);
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), takenFrom("by=\"a,b;\\\"c\";for=192.0.2.7").clientAddress);
        for (const auto* broken : {"", ";", "=", "for", "for=\"", "for=\"\\", "\"", "for=\"[\""})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(broken, std::string("10.0.0.1"), takenFrom(broken).clientAddress);
    }

    void onlyTheChosenHeaderCounts() {
        CPPUNIT_ASSERT_EQUAL(std::string("10.0.0.1"), taken({{"Forwarded", "for=192.0.2.7"}}).clientAddress);
        CPPUNIT_ASSERT_EQUAL(
            std::string("10.0.0.1"),
            taken({{"X-Forwarded-For", "192.0.2.7"}}, true, ProxySettings::Header::Forwarded).clientAddress);
    }

    void noPluginSeesTheHeaders() {
        const auto parts = taken({{"X-Forwarded-For", "192.0.2.7"},
                                  {"X-Real-IP", "192.0.2.7"},
                                  {"x-forwarded-port", "443"},
                                  {"Forwarded", "for=192.0.2.7"},
                                  {"X-Forwardedness", "kept"}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, parts.headers.size());
        CPPUNIT_ASSERT(parts.headers.contains("X-Forwardedness"));
    }

    void handlersSeeTheClient() {
        EdgeSettings settings;
        settings.proxies.trusted = TrustedProxies({"127.0.0.1"});
        const auto tell = [](const Request& request) {
            return Response::text(request.clientAddress() + " " + request.scheme() + " " +
                                  std::string(request.header("Host").value_or("")) + " " +
                                  std::string(request.header("X-Forwarded-For").value_or("-")));
        };
        TestServer server({route(Method::Get, "/", tell), route(Method::Get, "/worker", tell, Execution::Worker),
                           route(Method::Post, "/", tell)},
                          settings);
        RawClient client(server.port());
        const std::string headers =
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: media.example\r\n";
        const std::string expected = "192.0.2.7 https media.example -";
        CPPUNIT_ASSERT_EQUAL(expected, client.get("/", headers).body);
        CPPUNIT_ASSERT_EQUAL(expected, client.get("/worker", headers).body);
        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n" + headers + "\r\nhi");
        CPPUNIT_ASSERT_EQUAL(expected, client.receive().body);
        // What one request says is forgotten for the next.
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1 http test -"), client.get("/").body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ForwardedHeadersTest);
