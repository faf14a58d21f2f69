#include "Decimal.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class DecimalTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DecimalTest);
    CPPUNIT_TEST(roundsToTheNearest);
    CPPUNIT_TEST(keepsLeadingZerosOfTheFraction);
    CPPUNIT_TEST(ticksBecomeMicroseconds);
    CPPUNIT_TEST(durationsHaveNoNeedlessDigits);
    CPPUNIT_TEST_SUITE_END();

public:
    void roundsToTheNearest() {
        CPPUNIT_ASSERT_EQUAL(std::string("29.970"), decimal(30000, 1001, 3));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), decimal(3, 2, 0));
        CPPUNIT_ASSERT_EQUAL(std::string("-1.50"), decimal(-3, 2, 2));
    }

    void keepsLeadingZerosOfTheFraction() {
        CPPUNIT_ASSERT_EQUAL(std::string("4.000020"), decimal(4000020, 1000000, 6));
    }

    void ticksBecomeMicroseconds() {
        CPPUNIT_ASSERT_EQUAL(std::int64_t{21333}, microseconds(1024, 48000));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-21333}, microseconds(-1024, 48000));
    }

    void durationsHaveNoNeedlessDigits() {
        CPPUNIT_ASSERT_EQUAL(std::string("PT60S"), xmlDuration(60'000'000));
        CPPUNIT_ASSERT_EQUAL(std::string("PT4.021333S"), xmlDuration(4'021'333));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DecimalTest);

}  // namespace playhouse::streaming
