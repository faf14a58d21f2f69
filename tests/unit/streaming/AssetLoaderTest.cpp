#include "AssetLoader.h"

#include "VideoFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

namespace playhouse::streaming {

class AssetLoaderTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AssetLoaderTest);
    CPPUNIT_TEST(readsAWholeFolder);
    CPPUNIT_TEST(measuresWhatItOffers);
    CPPUNIT_TEST(brokenMediaTakesTheVideoOut);
    CPPUNIT_TEST(brokenExtrasAreLeftOutAndReported);
    CPPUNIT_TEST(refusesWithWordsThatHelp);
    CPPUNIT_TEST(versionChangesWithTheMediaAlone);
    CPPUNIT_TEST(fingerprintChangesWithAnyFile);
    CPPUNIT_TEST_SUITE_END();

    TemporaryFolder root_;
    const std::filesystem::path video_ = root_.path() / "clip";
    const AssetLoader loader_{root_.path() / "index", std::chrono::seconds(1)};

    std::string refusal() const {
        try {
            loader_.load(video_);
        } catch (const AssetError& error) {
            return error.what();
        }
        return "accepted";
    }

    void assertRefused(const std::string& words) const {
        const auto text = refusal();
        CPPUNIT_ASSERT_MESSAGE(text + "\nlacks: " + words, text.find(words) != std::string::npos);
    }

public:
    void setUp() override { makeVideoFolder(video_); }

    void readsAWholeFolder() {
        const auto [asset, problems] = loader_.load(video_);
        CPPUNIT_ASSERT(problems.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("clip"), asset.id);
        CPPUNIT_ASSERT_EQUAL(std::string("Test picture"), asset.title);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, asset.renditions.size());
        CPPUNIT_ASSERT_EQUAL(std::string("72p"), asset.renditions[0].name);
        CPPUNIT_ASSERT_EQUAL(std::string("144p"), asset.renditions[1].name);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, asset.audio.size());
        CPPUNIT_ASSERT_EQUAL(std::string("audio-en"), asset.audio[0].name);
        CPPUNIT_ASSERT_EQUAL(std::string("Español"), asset.audio[1].label);
        CPPUNIT_ASSERT_EQUAL(std::string("es"), asset.audio[1].track->language);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, asset.subtitles.size());
        CPPUNIT_ASSERT(asset.thumbnails.has_value());
        CPPUNIT_ASSERT(asset.poster.has_value());
    }

    void measuresWhatItOffers() {
        const auto asset = loader_.load(video_).asset;
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3'000'000}, asset.durationMicroseconds);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, asset.targetDurationSeconds);
        const auto& rendition = asset.renditions[1];
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, rendition.segments.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, rendition.transportStream.keyFrames.size());
        std::uint64_t total = 0;
        std::uint64_t largest = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            const auto size = rendition.transportStreamPackager->segmentSize(index);
            total += size;
            largest = std::max(largest, size);
        }
        CPPUNIT_ASSERT_EQUAL(largest * 8, rendition.transportStream.bitRate.peak);
        CPPUNIT_ASSERT_EQUAL((total * 8 + 2) / 3, rendition.transportStream.bitRate.average);
        CPPUNIT_ASSERT(rendition.commonMedia.bitRate.peak < rendition.transportStream.bitRate.peak);
        CPPUNIT_ASSERT(rendition.transportStream.keyFrameBitRate.peak > 0);
    }

    void brokenMediaTakesTheVideoOut() {
        std::filesystem::resize_file(video_ / "72p.mp4", 2000);
        assertRefused("72p.mp4");
    }

    void brokenExtrasAreLeftOutAndReported() {
        writeFile(video_ / "subtitles-en.vtt", "no subtitles");
        writeFile(video_ / "subtitles-e!.vtt", "WEBVTT\n");
        writeFile(video_ / "video.json", "{");
        std::filesystem::remove(video_ / "thumbnails" / "sprite-1.jpg");
        const auto [asset, problems] = loader_.load(video_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, problems.size());
        CPPUNIT_ASSERT(asset.subtitles.empty());
        CPPUNIT_ASSERT(!asset.thumbnails);
        CPPUNIT_ASSERT_EQUAL(std::string("clip"), asset.title);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, asset.renditions.size());
    }

    void refusesWithWordsThatHelp() {
        std::filesystem::rename(video_ / "audio-es.m4a", video_ / "audio-en.m4a");
        assertRefused("the renditions carry this language already");
        std::filesystem::rename(video_ / "audio-en.m4a", video_ / "audio-klingon!.m4a");
        assertRefused("is no language");
        std::filesystem::remove(video_ / "audio-klingon!.m4a");
        std::filesystem::rename(video_ / "72p.mp4", video_ / "low quality.mp4");
        assertRefused("rename the file");
        std::filesystem::remove(video_ / "low quality.mp4");
        std::filesystem::remove(video_ / "144p.mp4");
        assertRefused("holds no rendition");
    }

    void versionChangesWithTheMediaAlone() {
        const auto before = loader_.load(video_).asset.version;
        writeFile(video_ / "subtitles-de.vtt", "WEBVTT\n");
        CPPUNIT_ASSERT_EQUAL(before, loader_.load(video_).asset.version);
        CPPUNIT_ASSERT(before !=
                       AssetLoader(root_.path() / "index", std::chrono::seconds(2)).load(video_).asset.version);
        std::filesystem::remove(video_ / "72p.mp4");
        CPPUNIT_ASSERT(before != loader_.load(video_).asset.version);
    }

    void fingerprintChangesWithAnyFile() {
        const auto before = folderFingerprint(video_);
        CPPUNIT_ASSERT_EQUAL(before, folderFingerprint(video_));
        writeFile(video_ / "thumbnails" / "sprite-1.jpg", "another sprite");
        const auto changed = folderFingerprint(video_);
        CPPUNIT_ASSERT(before != changed);
        std::filesystem::remove(video_ / "poster.jpg");
        CPPUNIT_ASSERT(changed != folderFingerprint(video_));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AssetLoaderTest);

}  // namespace playhouse::streaming
