#include "DashManifest.h"

#include "SampleAsset.h"
#include "XmlWriter.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class DashManifestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DashManifestTest);
    CPPUNIT_TEST(describesThePresentation);
    CPPUNIT_TEST(renditionsOfOneTimelineShareIt);
    CPPUNIT_TEST(renditionsOfOtherTimescalesHaveTheirOwn);
    CPPUNIT_TEST(renditionsThatBeginSegmentsElsewhereAreNotAligned);
    CPPUNIT_TEST(audioHasLanguageRoleAndChannels);
    CPPUNIT_TEST(subtitlesAreSidecarFiles);
    CPPUNIT_TEST(thumbnailsAreTiles);
    CPPUNIT_TEST(textIsEscaped);
    CPPUNIT_TEST(writerEscapesWhatXmlReserves);
    CPPUNIT_TEST_SUITE_END();

    Asset asset_ = sampleAsset();

    std::string manifest() const { return dashManifest(asset_, everything(asset_)); }

    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    }

    void has(const std::string& part) const {
        CPPUNIT_ASSERT_MESSAGE(part + "\nis not in\n" + manifest(), manifest().find(part) != std::string::npos);
    }

    void changeTrack(PackagedTrack& packaged, const std::function<void(Track&)>& change) {
        auto track = *packaged.track;
        change(track);
        packaged.track = std::make_shared<const Track>(std::move(track));
    }

public:
    void describesThePresentation() {
        has("type=\"static\"");
        has("mediaPresentationDuration=\"PT10S\"");
        has("maxSegmentDuration=\"PT4.010667S\"");
        has("par=\"16:9\"");
        has("<Representation id=\"1080p\" bandwidth=\"5000000\" codecs=\"avc1.640028\" width=\"1920\" height=\"1080\" "
            "frameRate=\"30\" sar=\"1:1\"/>");
    }

    void renditionsOfOneTimelineShareIt() {
        has("segmentAlignment=\"true\"");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(manifest(), "timescale=\"15360\""));
        has("<S t=\"0\" d=\"61440\" r=\"1\"/>");
        has("<S d=\"30720\"/>");
        has("media=\"../../cmaf/demo/$RepresentationID$/segment-$Number$.m4s?v=abc\" startNumber=\"0\"");
    }

    void renditionsOfOtherTimescalesHaveTheirOwn() {
        changeTrack(asset_.renditions[1], [](Track& track) { track.timescale *= 2; });
        for (auto& segment : asset_.renditions[1].segments) {
            segment.start *= 2;
            segment.duration *= 2;
        }
        has("timescale=\"15360\"");
        has("timescale=\"30720\"");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count(manifest(), "segmentAlignment=\"false\""));
    }

    void renditionsThatBeginSegmentsElsewhereAreNotAligned() {
        asset_.renditions[1].segments[1].start += 512;
        has("segmentAlignment=\"false\"");
    }

    void audioHasLanguageRoleAndChannels() {
        has("mimeType=\"audio/mp4\" lang=\"en\"");
        has("<Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>");
        has("<Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"alternate\"/>");
        has("<AudioChannelConfiguration schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"2\"/>");
        has("audioSamplingRate=\"48000\"");
    }

    void subtitlesAreSidecarFiles() {
        has("mimeType=\"text/vtt\" lang=\"en\"");
        has("<BaseURL>../../subtitles/demo/en.vtt</BaseURL>");
    }

    void thumbnailsAreTiles() {
        has("<SegmentTemplate media=\"../../thumbnails/demo/sprite-$Number$.jpg\" timescale=\"1000000\" "
            "duration=\"8000000\" startNumber=\"0\"/>");
        has("<Representation id=\"thumbnails\" bandwidth=\"12000\" width=\"320\" height=\"180\">");
        has("<EssentialProperty schemeIdUri=\"http://dashif.org/guidelines/thumbnail_tile\" value=\"2x2\"/>");
    }

    void textIsEscaped() { has("<Title>Bars &amp; &lt;tone&gt;</Title>"); }

    void writerEscapesWhatXmlReserves() {
        XmlWriter xml;
        xml.open("a").with("b", "\"<&>\n\x01").close();
        CPPUNIT_ASSERT_EQUAL(
            std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&quot;&lt;&amp;&gt;&#10;\"/>\n"),
            std::move(xml).finish());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DashManifestTest);

}  // namespace playhouse::streaming
