#include "trust/TrustedProxies.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

using namespace playhouse::host;

class TrustedProxiesTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TrustedProxiesTest);
    CPPUNIT_TEST(trustsNobodyByDefault);
    CPPUNIT_TEST(trustsAddressesAndNetworks);
    CPPUNIT_TEST(ipv4IsTheSameWithinIpv6);
    CPPUNIT_TEST(whatIsNoAddressIsNotTrusted);
    CPPUNIT_TEST(refusesWhatIsNoNetwork);
    CPPUNIT_TEST_SUITE_END();

public:
    void trustsNobodyByDefault() {
        CPPUNIT_ASSERT(TrustedProxies().empty());
        CPPUNIT_ASSERT(!TrustedProxies().contains("127.0.0.1"));
    }

    void trustsAddressesAndNetworks() {
        const TrustedProxies proxies({"192.0.2.1", "10.0.0.0/8", "172.16.0.0/12", "2001:db8::/33", "::1"});
        for (const auto* address :
             {"192.0.2.1", "10.0.0.0", "10.255.255.255", "172.31.255.255", "2001:db8:7fff::1", "::1"})
            CPPUNIT_ASSERT_MESSAGE(address, proxies.contains(address));
        for (const auto* address : {"192.0.2.2", "11.0.0.0", "9.255.255.255", "172.32.0.0", "2001:db8:8000::1", "::2"})
            CPPUNIT_ASSERT_MESSAGE(address, !proxies.contains(address));
        CPPUNIT_ASSERT(TrustedProxies({"0.0.0.0/0"}).contains("8.8.8.8"));
        CPPUNIT_ASSERT(!TrustedProxies({"0.0.0.0/0"}).contains("2001:db8::1"));
        CPPUNIT_ASSERT(TrustedProxies({"fe80::/10"}).contains("fe80::1%eth0"));
    }

    void ipv4IsTheSameWithinIpv6() {
        CPPUNIT_ASSERT(TrustedProxies({"10.0.0.0/8"}).contains("::ffff:10.1.2.3"));
        CPPUNIT_ASSERT(TrustedProxies({"::ffff:10.0.0.0/104"}).contains("10.1.2.3"));
    }

    void whatIsNoAddressIsNotTrusted() {
        const TrustedProxies proxies({"0.0.0.0/0", "::/0"});
        for (const auto* text : {"", "unknown", "10.0.0.1:80", "10.0.0", "localhost"})
            CPPUNIT_ASSERT_MESSAGE(text, !proxies.contains(text));
    }

    void refusesWhatIsNoNetwork() {
        for (const std::string text : {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                                       "10.0.0.1/8", "2001:db8::/129", "2001:db8::1/32", "fe80::1%eth0", "10.0.0/8"}) {
            try {
                const TrustedProxies proxies({"127.0.0.1", text});
                CPPUNIT_FAIL("accepted " + text);
            } catch (const std::invalid_argument& problem) {
                CPPUNIT_ASSERT_MESSAGE(problem.what(),
                                       std::string(problem.what()).find("\"" + text + "\"") != std::string::npos);
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TrustedProxiesTest);
