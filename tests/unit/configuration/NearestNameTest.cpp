#include "configuration/NearestName.h"

#include <cppunit/extensions/HelperMacros.h>

using playhouse::host::didYouMean;
using playhouse::host::nearestName;

class NearestNameTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NearestNameTest);
    CPPUNIT_TEST(findsAMisspelling);
    CPPUNIT_TEST(countsSwappedNeighboursOnce);
    CPPUNIT_TEST(ignoresCase);
    CPPUNIT_TEST(staysSilentWhenNothingIsNear);
    CPPUNIT_TEST_SUITE_END();

    const std::vector<std::string> keys_{"server.port", "server.address", "storage.path", "log.level"};

public:
    void findsAMisspelling() {
        CPPUNIT_ASSERT(nearestName("server.prot", keys_) == "server.port");
        CPPUNIT_ASSERT(nearestName("storage.pth", keys_) == "storage.path");
        CPPUNIT_ASSERT(nearestName("server.adress", keys_) == "server.address");
        CPPUNIT_ASSERT_EQUAL(std::string("; did you mean \"log.level\"?"), didYouMean("log.levle", keys_));
    }

    void countsSwappedNeighboursOnce() {
        CPPUNIT_ASSERT(nearestName("abdc", {"abxy", "abcd"}) == "abcd");
        CPPUNIT_ASSERT(nearestName("ba", {"cd", "abc"}) == std::nullopt);
    }

    void ignoresCase() { CPPUNIT_ASSERT(nearestName("SERVER.PORT", keys_) == "server.port"); }

    void staysSilentWhenNothingIsNear() {
        CPPUNIT_ASSERT(!nearestName("completely-different", keys_));
        CPPUNIT_ASSERT(!nearestName("x", {}));
        CPPUNIT_ASSERT_EQUAL(std::string(), didYouMean("completely-different", keys_));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NearestNameTest);
