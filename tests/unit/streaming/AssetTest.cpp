#include "Asset.h"

#include "NotFound.h"
#include "SampleAsset.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class AssetTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AssetTest);
    CPPUNIT_TEST(shapesAreCalledByTheirUsualNames);
    CPPUNIT_TEST(tracksAreFoundByName);
    CPPUNIT_TEST(subtitlesAreSegmentedToTheEnd);
    CPPUNIT_TEST(segmentNumbersAreDigitsAlone);
    CPPUNIT_TEST_SUITE_END();

    const Asset asset_ = sampleAsset();

public:
    void shapesAreCalledByTheirUsualNames() {
        CPPUNIT_ASSERT_EQUAL(std::string("16:9"), aspectRatio(1920, 1080));
        CPPUNIT_ASSERT_EQUAL(std::string("16:9"), aspectRatio(854, 480));
        CPPUNIT_ASSERT_EQUAL(std::string("9:16"), aspectRatio(406, 720));
        CPPUNIT_ASSERT_EQUAL(std::string("5:2"), aspectRatio(500, 200));
    }

    void tracksAreFoundByName() {
        CPPUNIT_ASSERT(asset_.track("360p") == &asset_.renditions[0]);
        CPPUNIT_ASSERT(asset_.track("audio-es") == &asset_.audio[1]);
        CPPUNIT_ASSERT(asset_.track("subtitles-en") == nullptr);
        CPPUNIT_ASSERT(asset_.subtitle("en") == &asset_.subtitles[0]);
        CPPUNIT_ASSERT(asset_.subtitle("de") == nullptr);
    }

    void subtitlesAreSegmentedToTheEnd() { CPPUNIT_ASSERT_EQUAL(std::size_t{3}, subtitleSegmentCount(asset_)); }

    void segmentNumbersAreDigitsAlone() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, requireSegmentNumber("360p", "0", 11));
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, requireSegmentNumber("360p", "10", 11));
        for (const auto* number : {"", "11", "01", "-1", "+1", " 1", "1 ", "1e1", "0x1", "99999999999999999999999999"})
            CPPUNIT_ASSERT_THROW_MESSAGE(number, requireSegmentNumber("360p", number, 11), ApiError);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AssetTest);

}  // namespace playhouse::streaming
