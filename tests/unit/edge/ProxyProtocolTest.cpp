#include "TlsClient.h"

#include "edge/ProxyProtocol.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;

namespace {

using Progress = ProxyHeader::Progress;

std::string binary(int versionAndCommand, int family, const std::string& rest) {
    std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
    header += static_cast<char>(versionAndCommand);
    header += static_cast<char>(family);
    header += static_cast<char>(rest.size() >> 8);
    header += static_cast<char>(rest.size() & 0xff);
    return header + rest;
}

const std::string addresses4("\xc0\x00\x02\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb", 12);
const std::string addresses6(
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x01\xbb",
    36);

}  // namespace

/// "The PROXY protocol", versions 1 & 2 (HAProxy), section 2; and who is believed.
class ProxyProtocolTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ProxyProtocolTest);
    CPPUNIT_TEST(readsTextHeaders);
    CPPUNIT_TEST(readsBinaryHeaders);
    CPPUNIT_TEST(unknownAndLocalNameNobody);
    CPPUNIT_TEST(refusesMalformedHeaders);
    CPPUNIT_TEST(handlersSeeTheClientOfATrustedProxy);
    CPPUNIT_TEST(precedesTls);
    CPPUNIT_TEST(trustedProxiesWithoutAHeaderAreClosedAndCounted);
    CPPUNIT_TEST(nothingIsReadFromOthers);
    CPPUNIT_TEST(headerThatDoesNotComeIsCutOff);
    CPPUNIT_TEST(forwardedHeadersCountOnlyWhenTheNamedClientIsTrusted);
    CPPUNIT_TEST_SUITE_END();

    /// Feeds it in pieces of `step` bytes; it must take all but what follows the header.
    static Progress feed(ProxyHeader& header, const std::string& bytes, std::size_t step, std::size_t& taken) {
        auto progress = Progress::NeedMore;
        taken = 0;
        while (progress == Progress::NeedMore && taken < bytes.size())
            progress = header.feed(std::string_view(bytes).substr(taken, step), taken);
        return progress;
    }

    static void expectClient(const std::string& bytes, const std::optional<std::string>& client) {
        for (const std::size_t step : {1, 7, 10'000}) {
            ProxyHeader header;
            std::size_t taken = 0;
            CPPUNIT_ASSERT_MESSAGE(bytes, feed(header, bytes + "GET / HTTP/1.1", step, taken) == Progress::Complete);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bytes, bytes.size(), taken);
            CPPUNIT_ASSERT_MESSAGE(bytes, header.clientAddress() == client);
        }
    }

    static void expectMalformed(const std::string& bytes) {
        for (const std::size_t step : {1, 10'000}) {
            ProxyHeader header;
            std::size_t taken = 0;
            CPPUNIT_ASSERT_MESSAGE(bytes, feed(header, bytes, step, taken) == Progress::Malformed);
        }
    }

    static EdgeSettings trusting(const std::string& network, EdgeSettings settings = {}) {
        settings.proxies.trusted = TrustedProxies({network});
        settings.proxyProtocol = true;
        settings.tls.proxyProtocol = true;
        return settings;
    }

    static std::deque<Route> whoIsIt() {
        return {route(Method::Get, "/", [](const Request& r) { return Response::text(r.clientAddress()); })};
    }

public:
    void readsTextHeaders() {
        expectClient("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n", "192.0.2.7");
        expectClient("PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n", "2001:db8::7");
        expectClient("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7");
    }

    void readsBinaryHeaders() {
        expectClient(binary(0x21, 0x11, addresses4), "192.0.2.7");
        expectClient(binary(0x21, 0x21, addresses6), "2001:db8::7");
        expectClient(binary(0x21, 0x11, addresses4 + std::string(700, '\x04')), "192.0.2.7");
    }

    void unknownAndLocalNameNobody() {
        expectClient("PROXY UNKNOWN\r\n", std::nullopt);
        expectClient("PROXY UNKNOWN ffff:f::1 anything 1\r\n", std::nullopt);
        expectClient(binary(0x20, 0x00, ""), std::nullopt);
        expectClient(binary(0x20, 0x11, addresses4), std::nullopt);
        expectClient(binary(0x21, 0x00, "some"), std::nullopt);
        expectClient(binary(0x21, 0x31, std::string(216, '/')), std::nullopt);
    }

    void refusesMalformedHeaders() {
        for (const auto* line :
             {"GET / HTTP/1.1\r\n", "PROXX", "PROXY\r\n", "PROXY TCP4\r\n", "PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
              "PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n", "PROXY TCP4  192.0.2.7 192.0.2.1 1 2\r\n",
              "PROXY TCP4 192.0.2.256 192.0.2.1 1 2\r\n", "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
              "PROXY TCP6 192.0.2.7 192.0.2.1 1 2\r\n", "PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n",
              "PROXY TCP4 192.0.2.7 192.0.2.1 one 2\r\n", "PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n",
              "PROXY TCP4 192.0.2.7 192.0.2.1 1 2\n", "\r\n\r\nX", "\x16\x03\x01"})
            expectMalformed(line);
        expectMalformed("PROXY UNKNOWN " + std::string(200, 'x'));
        expectMalformed(binary(0x11, 0x11, addresses4));
        expectMalformed(binary(0x22, 0x11, addresses4));
        expectMalformed(binary(0x21, 0x11, addresses4.substr(1)));
        expectMalformed(binary(0x21, 0x21, addresses4));
        expectMalformed(binary(0x21, 0x12, addresses4));
        expectMalformed(binary(0x21, 0x11, addresses4 + std::string(5000, 'x')));
    }

    void handlersSeeTheClientOfATrustedProxy() {
        TestServer server(whoIsIt(), trusting("127.0.0.0/8"));
        RawClient text(server.port());
        text.send("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n");
        for (int round = 0; round < 2; ++round) CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), text.get("/").body);
        RawClient bytewise(server.port());
        for (const auto byte : binary(0x21, 0x21, addresses6)) bytewise.send({&byte, 1});
        CPPUNIT_ASSERT_EQUAL(std::string("2001:db8::7"), bytewise.get("/").body);
        RawClient check(server.port());
        check.send(binary(0x20, 0x00, "") + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), check.receive().body);
    }

    void precedesTls() {
        const Certificates certificates;
        const auto files = certificates.make("localhost");
        TestServer server(whoIsIt(), trusting("127.0.0.1", overTls(files)));
        TlsClient client(server.server.tlsPort(),
                         {.trust = files.certificate, .before = "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n"});
        client.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), client.body());
    }

    void trustedProxiesWithoutAHeaderAreClosedAndCounted() {
        TestServer server(whoIsIt(), trusting("127.0.0.1"));
        RawClient client(server.port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT(client.isClosed());
        double counted = 0;
        for (const auto& family : server.registry.Collect())
            if (family.name == "playhouse_http_proxy_headers_refused_total")
                counted = family.metric.at(0).counter.value;
        CPPUNIT_ASSERT_EQUAL(1.0, counted);
    }

    void nothingIsReadFromOthers() {
        TestServer server(whoIsIt(), trusting("192.0.2.0/24"));
        RawClient honest(server.port());
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), honest.get("/").body);
        RawClient liar(server.port());
        liar.send("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(400, liar.receive().status);
    }

    void headerThatDoesNotComeIsCutOff() {
        EdgeSettings settings;
        settings.headerTimeout = std::chrono::milliseconds(50);
        TestServer server(whoIsIt(), trusting("127.0.0.1", settings));
        RawClient client(server.port());
        client.send("PROXY TCP4 192");
        CPPUNIT_ASSERT(client.isClosed());
    }

    void forwardedHeadersCountOnlyWhenTheNamedClientIsTrusted() {
        auto settings = trusting("127.0.0.1");
        settings.proxies.trusted = TrustedProxies({"127.0.0.1", "192.0.2.8"});
        TestServer server(whoIsIt(), settings);
        RawClient client(server.port());
        client.send("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.7"), client.get("/", "X-Forwarded-For: 198.51.100.1\r\n").body);
        RawClient proxy(server.port());
        proxy.send("PROXY TCP4 192.0.2.8 192.0.2.1 56324 443\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("198.51.100.1"), proxy.get("/", "X-Forwarded-For: 198.51.100.1\r\n").body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProxyProtocolTest);
