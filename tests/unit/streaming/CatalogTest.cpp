#include "Catalog.h"

#include "VideoFolder.h"

#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

using testing::FakeContext;
using testing::FakeLogger;

class CatalogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CatalogTest);
    CPPUNIT_TEST(newVideoIsPendingUntilItIsScanned);
    CPPUNIT_TEST(openingAgainServesWhatWasIndexed);
    CPPUNIT_TEST(scanNoticesAddedChangedAndRemovedVideos);
    CPPUNIT_TEST(unchangedVideoIsNotLoadedAgain);
    CPPUNIT_TEST(videoInUseOutlivesItsRemoval);
    CPPUNIT_TEST(brokenVideoIsOutAndTheRestGoesOn);
    CPPUNIT_TEST(brokenVideoIsLoggedOnce);
    CPPUNIT_TEST(foldersBeingPreparedArePassedOver);
    CPPUNIT_TEST(otherServicesSeeTheVideos);
    CPPUNIT_TEST_SUITE_END();

    FakeContext context_{"streaming"};
    const std::filesystem::path videos_ = context_.storage().sharedDirectory("videos");

    std::unique_ptr<Catalog> makeCatalog() {
        auto& metrics = context_.metrics();
        return std::make_unique<Catalog>(videos_, context_.storage().ownDirectory(), std::chrono::seconds(1),
                                         context_.storage(), context_.logger(),
                                         Catalog::Metrics{metrics.gauge("videos", ""), metrics.gauge("problems", "")});
    }

    static int statusOf(const Catalog& catalog, std::string_view id) {
        try {
            return catalog.require(id) ? 200 : 0;
        } catch (const ApiError& error) {
            return error.status();
        }
    }

    std::size_t warnings() {
        const auto lines = context_.logger().lines();
        return static_cast<std::size_t>(std::count_if(
            lines.begin(), lines.end(), [](const auto& line) { return line.level == FakeLogger::Level::Warning; }));
    }

public:
    void newVideoIsPendingUntilItIsScanned() {
        makeVideoFolder(videos_ / "clip");
        const auto catalog = makeCatalog();
        catalog->open();
        CPPUNIT_ASSERT_EQUAL(503, statusOf(*catalog, "clip"));
        CPPUNIT_ASSERT_EQUAL(404, statusOf(*catalog, "other"));
        catalog->scan();
        CPPUNIT_ASSERT_EQUAL(200, statusOf(*catalog, "clip"));
        CPPUNIT_ASSERT_EQUAL(1.0, context_.metrics().value("videos"));
    }

    void openingAgainServesWhatWasIndexed() {
        makeVideoFolder(videos_ / "clip");
        makeCatalog()->scan();
        makeVideoFolder(videos_ / "another");
        const auto next = makeCatalog();
        next->open();
        CPPUNIT_ASSERT_EQUAL(200, statusOf(*next, "clip"));
        CPPUNIT_ASSERT_EQUAL(503, statusOf(*next, "another"));
    }

    void scanNoticesAddedChangedAndRemovedVideos() {
        const auto catalog = makeCatalog();
        catalog->scan();
        makeVideoFolder(videos_ / "clip");
        catalog->scan();
        const auto before = catalog->require("clip");
        std::filesystem::remove(videos_ / "clip" / "72p.mp4");
        catalog->scan();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, before->asset.renditions.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, catalog->require("clip")->asset.renditions.size());
        std::filesystem::remove_all(videos_ / "clip");
        catalog->scan();
        CPPUNIT_ASSERT_EQUAL(404, statusOf(*catalog, "clip"));
        CPPUNIT_ASSERT_EQUAL(0.0, context_.metrics().value("videos"));
    }

    void unchangedVideoIsNotLoadedAgain() {
        makeVideoFolder(videos_ / "clip");
        const auto catalog = makeCatalog();
        catalog->scan();
        const auto before = catalog->require("clip");
        catalog->scan();
        CPPUNIT_ASSERT(before == catalog->require("clip"));
    }

    void videoInUseOutlivesItsRemoval() {
        makeVideoFolder(videos_ / "clip");
        const auto catalog = makeCatalog();
        catalog->scan();
        const auto video = catalog->require("clip");
        std::filesystem::remove_all(videos_ / "clip");
        catalog->scan();
        const auto& rendition = video->asset.renditions.front();
        std::vector<std::byte> begin(188);
        CPPUNIT_ASSERT(rendition.transportStreamPackager->segment(0)->read(begin) > 0);
        CPPUNIT_ASSERT(begin.front() == std::byte{0x47});
    }

    void brokenVideoIsOutAndTheRestGoesOn() {
        makeVideoFolder(videos_ / "whole");
        makeVideoFolder(videos_ / "broken");
        writeFile(videos_ / "broken" / "72p.mp4", "no video");
        const auto catalog = makeCatalog();
        catalog->scan();
        CPPUNIT_ASSERT_EQUAL(200, statusOf(*catalog, "whole"));
        CPPUNIT_ASSERT_EQUAL(404, statusOf(*catalog, "broken"));
        const auto problems = catalog->library()->problems();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, problems.size());
        CPPUNIT_ASSERT_EQUAL(std::string("broken"), problems.front().id);
        CPPUNIT_ASSERT(problems.front().error.find("72p.mp4") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(1.0, context_.metrics().value("problems"));
    }

    void brokenVideoIsLoggedOnce() {
        std::filesystem::create_directory(videos_ / "empty");
        const auto catalog = makeCatalog();
        for (int scan = 0; scan < 3; ++scan) catalog->scan();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, warnings());
        CPPUNIT_ASSERT(context_.logger().contains(FakeLogger::Level::Warning, "\"empty\" cannot be streamed"));
    }

    void foldersBeingPreparedArePassedOver() {
        makeVideoFolder(videos_ / "clip");
        std::filesystem::rename(videos_ / "clip", videos_ / ".clip");
        writeFile(videos_ / "notes.txt", "not a folder");
        const auto catalog = makeCatalog();
        catalog->scan();
        CPPUNIT_ASSERT(catalog->library()->entries.empty());
    }

    void otherServicesSeeTheVideos() {
        makeVideoFolder(videos_ / "clip");
        const auto catalog = makeCatalog();
        catalog->scan();
        const auto video = catalog->video("clip");
        CPPUNIT_ASSERT(video.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("Test picture"), video->title);
        CPPUNIT_ASSERT(video->duration == std::chrono::seconds(3));
        CPPUNIT_ASSERT_EQUAL(144, video->height);
        CPPUNIT_ASSERT_EQUAL(std::string("/stream/thumbnails/clip/poster.jpg"), video->posterPath);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, catalog->videos().size());
        CPPUNIT_ASSERT(!catalog->video("other"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CatalogTest);

}  // namespace playhouse::streaming
