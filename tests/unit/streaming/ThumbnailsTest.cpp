#include "Thumbnails.h"

#include "SampleAsset.h"
#include "VideoFolder.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class ThumbnailsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ThumbnailsTest);
    CPPUNIT_TEST(readsTheDescriptionAndItsSprites);
    CPPUNIT_TEST(missingSpriteIsNamed);
    CPPUNIT_TEST(brokenDescriptionIsRefused);
    CPPUNIT_TEST(trackNamesEachTile);
    CPPUNIT_TEST_SUITE_END();

    TemporaryFolder folder_;

    void describe(std::string_view text) { writeFile(folder_.path() / "thumbnails.json", text); }

public:
    void readsTheDescriptionAndItsSprites() {
        describe(R"({"width": 160, "height": 90, "columns": 5, "rows": 4, "intervalSeconds": 2.5, "count": 21})");
        writeFile(folder_.path() / "sprite-0.jpg", "12345678");
        writeFile(folder_.path() / "sprite-1.jpg", "1234");
        const auto thumbnails = readThumbnails(folder_.path());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, thumbnails.sprites.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2'500'000}, thumbnails.intervalMicroseconds);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, thumbnails.peakBitRate);
    }

    void missingSpriteIsNamed() {
        describe(R"({"width": 160, "height": 90, "columns": 1, "rows": 1, "intervalSeconds": 1, "count": 2})");
        writeFile(folder_.path() / "sprite-0.jpg", "x");
        try {
            readThumbnails(folder_.path());
            CPPUNIT_FAIL("accepted");
        } catch (const std::runtime_error& refusal) {
            CPPUNIT_ASSERT(std::string(refusal.what()).find("sprite-1.jpg") != std::string::npos);
        }
    }

    void brokenDescriptionIsRefused() {
        for (const auto* text :
             {"", "[]", "{}", R"({"width": "160"})",
              R"({"width": 0, "height": 90, "columns": 1, "rows": 1, "intervalSeconds": 1, "count": 2})",
              R"({"width": 1, "height": 9, "columns": 0.5, "rows": 1, "intervalSeconds": 1, "count": 2})"}) {
            describe(text);
            CPPUNIT_ASSERT_THROW_MESSAGE(text, readThumbnails(folder_.path()), std::runtime_error);
        }
    }

    void trackNamesEachTile() {
        const auto asset = sampleAsset();
        const auto text = thumbnailTrack(*asset.thumbnails, asset.durationMicroseconds);
        CPPUNIT_ASSERT(text.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nsprite-0.jpg#xywh=0,0,160,90\n"));
        CPPUNIT_ASSERT(text.find("00:00:06.000 --> 00:00:08.000\nsprite-0.jpg#xywh=160,90,160,90\n") !=
                       std::string::npos);
        CPPUNIT_ASSERT(text.ends_with("00:00:08.000 --> 00:00:10.000\nsprite-1.jpg#xywh=0,0,160,90\n"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThumbnailsTest);

}  // namespace playhouse::streaming
