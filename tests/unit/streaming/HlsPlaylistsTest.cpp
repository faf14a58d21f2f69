#include "HlsPlaylists.h"

#include "SampleAsset.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::streaming {

class HlsPlaylistsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HlsPlaylistsTest);
    CPPUNIT_TEST(masterPlaylistOffersEverything);
    CPPUNIT_TEST(masterPlaylistOfFmp4StaysInFmp4);
    CPPUNIT_TEST(masterPlaylistOfASelectionLeavesTheRestOut);
    CPPUNIT_TEST(mediaPlaylistListsEverySegment);
    CPPUNIT_TEST(mediaPlaylistOfFmp4HasItsInitialization);
    CPPUNIT_TEST(audioDurationsAddUpWithoutDrift);
    CPPUNIT_TEST(keyFramePlaylistNamesByteRanges);
    CPPUNIT_TEST(subtitlePlaylistCoversTheWholeVideo);
    CPPUNIT_TEST(imagePlaylistDescribesItsTiles);
    CPPUNIT_TEST_SUITE_END();

    const Asset asset_ = sampleAsset();

public:
    void masterPlaylistOffersEverything() {
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-en/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Español\",LANGUAGE=\"es\",DEFAULT=NO,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-es/playlist.m3u8\"\n"
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,"
                "AUTOSELECT=YES,FORCED=NO,URI=\"subtitles-en/playlist.m3u8\"\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=930000,AVERAGE-BANDWIDTH=828000,CODECS=\"avc1.64001e,mp4a.40.2\","
                "RESOLUTION=640x360,FRAME-RATE=30.000,AUDIO=\"audio\",SUBTITLES=\"subtitles\"\n"
                "360p/playlist.m3u8\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=5130000,AVERAGE-BANDWIDTH=4628000,CODECS=\"avc1.640028,mp4a.40.2\","
                "RESOLUTION=1920x1080,FRAME-RATE=30.000,AUDIO=\"audio\",SUBTITLES=\"subtitles\"\n"
                "1080p/playlist.m3u8\n"
                "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=7520,AVERAGE-BANDWIDTH=4512,CODECS=\"avc1.64001e\","
                "RESOLUTION=640x360,URI=\"360p/iframes.m3u8\"\n"
                "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=7520,AVERAGE-BANDWIDTH=4512,CODECS=\"avc1.640028\","
                "RESOLUTION=1920x1080,URI=\"1080p/iframes.m3u8\"\n"
                "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=12000,RESOLUTION=160x90,CODECS=\"jpeg\","
                "URI=\"thumbnails/playlist.m3u8\"\n"),
            masterPlaylist(asset_, Container::TransportStream, everything(asset_)));
    }

    void masterPlaylistOfFmp4StaysInFmp4() {
        const auto text = masterPlaylist(asset_, Container::CommonMedia, everything(asset_));
        for (const auto* uri :
             {"\n360p/playlist.m3u8?container=fmp4\n", "URI=\"audio-en/playlist.m3u8?container=fmp4\"",
              "URI=\"subtitles-en/playlist.m3u8?container=fmp4\"", "URI=\"360p/iframes.m3u8?container=fmp4\""})
            CPPUNIT_ASSERT_MESSAGE(uri, text.find(uri) != std::string::npos);
    }

    void masterPlaylistOfASelectionLeavesTheRestOut() {
        const Selection selection{{&asset_.renditions[0]}, {&asset_.audio[1]}};
        const auto text = masterPlaylist(asset_, Container::TransportStream, selection);
        CPPUNIT_ASSERT(text.find("1080p") == std::string::npos);
        CPPUNIT_ASSERT(text.find("audio-en") == std::string::npos);
        CPPUNIT_ASSERT(text.find("LANGUAGE=\"es\",DEFAULT=YES") != std::string::npos);
    }

    void mediaPlaylistListsEverySegment() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"
                        "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
                        "#EXTINF:4.000000,\nsegment-0.ts?v=abc\n#EXTINF:4.000000,\nsegment-1.ts?v=abc\n"
                        "#EXTINF:2.000000,\nsegment-2.ts?v=abc\n#EXT-X-ENDLIST\n"),
            mediaPlaylist(asset_, asset_.renditions[0], Container::TransportStream));
    }

    void mediaPlaylistOfFmp4HasItsInitialization() {
        const auto text = mediaPlaylist(asset_, asset_.audio[0], Container::CommonMedia);
        CPPUNIT_ASSERT(text.find("#EXT-X-VERSION:6\n") != std::string::npos);
        CPPUNIT_ASSERT(text.find("#EXT-X-MAP:URI=\"../../../cmaf/demo/audio-en/init.mp4?v=abc\"\n") !=
                       std::string::npos);
        CPPUNIT_ASSERT(text.find("\n../../../cmaf/demo/audio-en/segment-2.m4s?v=abc\n") != std::string::npos);
    }

    void audioDurationsAddUpWithoutDrift() {
        const auto text = mediaPlaylist(asset_, asset_.audio[0], Container::TransportStream);
        // 192512/48000 = 4.0106667, 384000/48000 = 8 exactly: the second is rounded down so that both sum to 8.
        CPPUNIT_ASSERT(text.find("#EXTINF:4.010667,\nsegment-0") != std::string::npos);
        CPPUNIT_ASSERT(text.find("#EXTINF:3.989333,\nsegment-1") != std::string::npos);
    }

    void keyFramePlaylistNamesByteRanges() {
        const auto text = keyFramePlaylist(asset_, asset_.renditions[0], Container::TransportStream);
        CPPUNIT_ASSERT(text.find("#EXT-X-VERSION:4\n") != std::string::npos);
        CPPUNIT_ASSERT(text.find("#EXT-X-I-FRAMES-ONLY\n") != std::string::npos);
        CPPUNIT_ASSERT(text.find("#EXTINF:4.000000,\n#EXT-X-BYTERANGE:1880@376\nsegment-1.ts?v=abc\n") !=
                       std::string::npos);
        const auto fmp4 = keyFramePlaylist(asset_, asset_.renditions[0], Container::CommonMedia);
        CPPUNIT_ASSERT(fmp4.find("#EXT-X-MAP:URI=\"../../../cmaf/demo/360p/init.mp4?v=abc\"\n") != std::string::npos);
    }

    void subtitlePlaylistCoversTheWholeVideo() {
        const auto text = subtitlePlaylist(asset_, asset_.subtitles[0], Container::TransportStream);
        CPPUNIT_ASSERT(text.ends_with("#EXTINF:2.000000,\nsegment-2.vtt?v=def\n#EXT-X-ENDLIST\n"));
        CPPUNIT_ASSERT(subtitlePlaylist(asset_, asset_.subtitles[0], Container::CommonMedia)
                           .find("segment-0.vtt?v=def&container=fmp4\n") != std::string::npos);
    }

    void imagePlaylistDescribesItsTiles() {
        CPPUNIT_ASSERT_EQUAL(
            std::string("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:8\n#EXT-X-MEDIA-SEQUENCE:0\n"
                        "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-IMAGES-ONLY\n"
                        "#EXTINF:8.000000,\n#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=2x2,DURATION=2.000000\n"
                        "../../../thumbnails/demo/sprite-0.jpg\n"
                        "#EXTINF:2.000000,\n#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=2x2,DURATION=2.000000\n"
                        "../../../thumbnails/demo/sprite-1.jpg\n#EXT-X-ENDLIST\n"),
            imagePlaylist(asset_));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HlsPlaylistsTest);

}  // namespace playhouse::streaming
