#include "BitRate.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

namespace playhouse::streaming {

class BitRateTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BitRateTest);
    CPPUNIT_TEST(peakIsThatOfTheFullestSegment);
    CPPUNIT_TEST(shortLastSegmentIsNoPeak);
    CPPUNIT_TEST(neighboursCountTogether);
    CPPUNIT_TEST(nothingHasNoRate);
    CPPUNIT_TEST_SUITE_END();

public:
    void peakIsThatOfTheFullestSegment() {
        const std::vector<SegmentMeasure> segments{{1000, 4'000'000}, {3000, 4'000'000}, {2000, 4'000'000}};
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{6000}, measureBitRate(segments).peak);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4000}, measureBitRate(segments).average);
    }

    void shortLastSegmentIsNoPeak() {
        const std::vector<SegmentMeasure> segments{{4000, 4'000'000}, {900, 100'000}};
        // The last alone would be 72 kbit/s; with its neighbour it lasts 4.1 s.
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{9561}, measureBitRate(segments).peak);
    }

    void neighboursCountTogether() {
        const std::vector<SegmentMeasure> segments{
            {100, 4'000'000}, {1000, 1'000'000}, {1000, 1'000'000}, {100, 1'000'000}};
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{8000}, measureBitRate(segments).peak);
    }

    void nothingHasNoRate() { CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, measureBitRate({}).peak); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BitRateTest);

}  // namespace playhouse::streaming
