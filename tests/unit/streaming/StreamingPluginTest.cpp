#include "VideoFolder.h"

#include <playhouse/VideoCatalog.h>
#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>

#include <memory>
#include <optional>
#include <sstream>
#include <string>

extern "C" const playhouse::PluginDescriptor playhousePluginDescriptor;

namespace playhouse::streaming {

using testing::bodyText;
using testing::errorCode;
using testing::FakeContext;
using testing::jsonData;

/// The plugin through its routes, on a real video.
class StreamingPluginTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(StreamingPluginTest);
    CPPUNIT_TEST(listsWhatCanBeStreamed);
    CPPUNIT_TEST(listIsPaged);
    CPPUNIT_TEST(everyUriOfEveryPlaylistIsServed);
    CPPUNIT_TEST(manifestsAreValidatedEachTime);
    CPPUNIT_TEST(filtersChangeTheManifest);
    CPPUNIT_TEST(segmentsAreTheSameWithAndWithoutTheCache);
    CPPUNIT_TEST(segmentsOfAVersionAreKeptForEver);
    CPPUNIT_TEST(cacheIsUsed);
    CPPUNIT_TEST(subtitleSegmentsMeetTheMediaOfTheirContainer);
    CPPUNIT_TEST(progressiveIsTheFile);
    CPPUNIT_TEST(picturesAndFilesAreServed);
    CPPUNIT_TEST(whatIsNotThereIsNotFound);
    CPPUNIT_TEST(healthNamesProblems);
    CPPUNIT_TEST(settingsAreChecked);
    CPPUNIT_TEST_SUITE_END();

    std::optional<FakeContext> context_;
    std::unique_ptr<Plugin> plugin_;

    void start(std::map<std::string, std::string> settings = {{"segment-duration", "1 s"}}) {
        plugin_.reset();
        context_.emplace("streaming", std::move(settings));
        makeVideoFolder(videos() / "clip");
        plugin_.reset(playhousePluginDescriptor.create());
        context_->start(*plugin_);
        context_->tasks().runDue();
    }

    std::filesystem::path videos() { return context_->storage().sharedDirectory("videos"); }

    Response get(const std::string& target) { return context_->request(Method::Get, target); }

    std::string text(const std::string& target) {
        const auto response = get(target);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(target, 200, response.status());
        return bodyText(response);
    }

    static std::string header(const Response& response, std::string_view name) {
        return std::string(response.headers().find(name).value_or(""));
    }

    /// `uri` as a client resolves it against the playlist at `base` (RFC 3986 section 5.2).
    static std::string resolved(const std::string& base, const std::string& uri) {
        const auto query = uri.find('?');
        const auto folder = std::filesystem::path(base.substr(0, base.find('?'))).parent_path();
        return (folder / uri.substr(0, query)).lexically_normal().string() +
               (query == std::string::npos ? "" : uri.substr(query));
    }

    /// Fetches a playlist, and all that it refers to. Returns how many.
    int follow(const std::string& playlist) {
        int count = 0;
        std::istringstream lines(text(playlist));
        for (std::string line; std::getline(lines, line);) {
            std::string uri = line;
            if (line.starts_with('#')) {
                const auto begin = line.find("URI=\"");
                if (begin == std::string::npos) continue;
                uri = line.substr(begin + 5, line.find('"', begin + 5) - begin - 5);
            }
            const auto target = resolved(playlist, uri);
            ++count;
            if (target.find(".m3u8") != std::string::npos) {
                count += follow(target);
            } else {
                CPPUNIT_ASSERT_MESSAGE(target, !text(target).empty());
            }
        }
        return count;
    }

public:
    void setUp() override { start(); }
    void tearDown() override {
        plugin_.reset();
        context_.reset();
    }

    void listsWhatCanBeStreamed() {
        const auto data = jsonData(get("/stream/videos"));
        CPPUNIT_ASSERT(data.at("total") == 1);
        const auto& video = data.at("videos").at(0);
        CPPUNIT_ASSERT(video.at("id") == "clip");
        CPPUNIT_ASSERT(video.at("durationSeconds") == 3);
        CPPUNIT_ASSERT(video.at("aspectRatio") == "16:9");
        CPPUNIT_ASSERT(video.at("frameRate") == 25);
        CPPUNIT_ASSERT(video.at("renditions").as_array().size() == 2);
        CPPUNIT_ASSERT(video.at("audio").at(0).at("default") == true);
        CPPUNIT_ASSERT(video.at("subtitles").at(0).at("url") == "/stream/subtitles/clip/en.vtt");
        CPPUNIT_ASSERT(video.at("thumbnails").at("count") == 3);
    }

    void listIsPaged() {
        makeVideoFolder(videos() / "another");
        context_->tasks().advance(std::chrono::seconds(5));
        const auto data = jsonData(get("/stream/videos?limit=1&offset=1"));
        CPPUNIT_ASSERT(data.at("total") == 2);
        CPPUNIT_ASSERT(data.at("videos").as_array().size() == 1);
        CPPUNIT_ASSERT(data.at("videos").at(0).at("id") == "clip");
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_PARAMETER"), errorCode(get("/stream/videos?limit=0")));
    }

    void everyUriOfEveryPlaylistIsServed() {
        // Master: 2 audio, 1 subtitle, 2 variants, 2 key-frame and 1 image playlist; 3 segments each but for 2 sprites.
        CPPUNIT_ASSERT_EQUAL(8 + 7 * 3 + 2, follow("/stream/hls/clip/master.m3u8"));
        // And one initialization for each rendition, key-frame playlist and audio track.
        CPPUNIT_ASSERT_EQUAL(8 + 7 * 3 + 2 + 6, follow("/stream/hls/clip/master.m3u8?container=fmp4"));
    }

    void manifestsAreValidatedEachTime() {
        for (const auto* target : {"/stream/hls/clip/master.m3u8", "/stream/hls/clip/72p/playlist.m3u8",
                                   "/stream/dash/clip/manifest.mpd", "/stream/hls/clip/master.m3u8?maxHeight=100"}) {
            const auto response = get(target);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, std::string("no-cache"), header(response, "Cache-Control"));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, std::size_t{18}, header(response, "ETag").size());
        }
        CPPUNIT_ASSERT_EQUAL(std::string("application/dash+xml"),
                             header(get("/stream/dash/clip/manifest.mpd"), "Content-Type"));
        CPPUNIT_ASSERT_EQUAL(std::string("application/vnd.apple.mpegurl"),
                             header(get("/stream/hls/clip/master.m3u8"), "Content-Type"));
    }

    void filtersChangeTheManifest() {
        CPPUNIT_ASSERT(text("/stream/hls/clip/master.m3u8?maxHeight=72").find("144p") == std::string::npos);
        CPPUNIT_ASSERT(text("/stream/dash/clip/manifest.mpd?audio=es").find("audio-en") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("NO_MATCHING_RENDITION"),
                             errorCode(get("/stream/dash/clip/manifest.mpd?maxHeight=9")));
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_PARAMETER"),
                             errorCode(get("/stream/hls/clip/master.m3u8?container=x")));
    }

    void segmentsAreTheSameWithAndWithoutTheCache() {
        const auto ts = text("/stream/hls/clip/144p/segment-1.ts");
        const auto cmaf = text("/stream/cmaf/clip/144p/segment-1.m4s");
        start({{"segment-duration", "1 s"}, {"segment-cache-size", "0"}});
        CPPUNIT_ASSERT(ts == text("/stream/hls/clip/144p/segment-1.ts"));
        CPPUNIT_ASSERT(cmaf == text("/stream/cmaf/clip/144p/segment-1.m4s"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, ts.size() % 188);
        CPPUNIT_ASSERT_EQUAL(std::string("styp"), cmaf.substr(4, 4));
    }

    void segmentsOfAVersionAreKeptForEver() {
        const auto playlist = text("/stream/hls/clip/72p/playlist.m3u8");
        const auto begin = playlist.find("segment-0.ts?v=");
        const auto uri = playlist.substr(begin, playlist.find('\n', begin) - begin);
        const auto cacheControl = [&](const std::string& target) {
            return header(get("/stream/hls/clip/72p/" + target), "Cache-Control");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("public, max-age=31536000, immutable"), cacheControl(uri));
        CPPUNIT_ASSERT_EQUAL(std::string("public, max-age=31536000, immutable"), cacheControl(uri + "&CMCD=bl%3D1"));
        CPPUNIT_ASSERT_EQUAL(std::string("public, max-age=3600"), cacheControl("segment-0.ts"));
        CPPUNIT_ASSERT_EQUAL(std::string("no-cache"), cacheControl("segment-0.ts?v=gone"));
        const auto tag = header(get("/stream/hls/clip/72p/segment-0.ts"), "ETag");
        CPPUNIT_ASSERT(tag != header(get("/stream/hls/clip/72p/segment-1.ts"), "ETag"));
        CPPUNIT_ASSERT(tag != header(get("/stream/cmaf/clip/72p/segment-0.m4s"), "ETag"));
        CPPUNIT_ASSERT(tag == header(get("/stream/hls/clip/72p/" + uri), "ETag"));
    }

    void cacheIsUsed() {
        for (int time = 0; time < 3; ++time) text("/stream/hls/clip/72p/segment-0.ts");
        const auto& metrics = context_->metrics();
        CPPUNIT_ASSERT_EQUAL(1.0, metrics.value("playhouse_streaming_segments_packaged_total"));
        CPPUNIT_ASSERT_EQUAL(2.0, metrics.value("playhouse_streaming_segment_cache_hits_total"));
        CPPUNIT_ASSERT_EQUAL(1.0, metrics.value("playhouse_streaming_segment_cache_misses_total"));
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(text("/stream/hls/clip/72p/segment-0.ts").size()),
                             metrics.value("playhouse_streaming_segment_cache_bytes"));
    }

    void subtitleSegmentsMeetTheMediaOfTheirContainer() {
        const auto ts = text("/stream/hls/clip/subtitles-en/segment-1.vtt");
        CPPUNIT_ASSERT(ts.starts_with("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"));
        CPPUNIT_ASSERT(ts.find("Hello") != std::string::npos);
        const auto fmp4 = text("/stream/hls/clip/subtitles-en/segment-1.vtt?container=fmp4");
        CPPUNIT_ASSERT(fmp4.starts_with("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"));
        CPPUNIT_ASSERT(text("/stream/hls/clip/subtitles-en/segment-2.vtt").find("Hello") == std::string::npos);
    }

    void progressiveIsTheFile() {
        const auto whole = get("/stream/progressive/clip");
        CPPUNIT_ASSERT_EQUAL(std::string("video/mp4"), header(whole, "Content-Type"));
        CPPUNIT_ASSERT_EQUAL(std::filesystem::file_size(videos() / "clip" / "144p.mp4"),
                             std::uintmax_t{*whole.body().size()});
        CPPUNIT_ASSERT_EQUAL(std::filesystem::file_size(videos() / "clip" / "72p.mp4"),
                             std::uintmax_t{*get("/stream/progressive/clip?quality=72p").body().size()});
        CPPUNIT_ASSERT_EQUAL(std::string("QUALITY_NOT_FOUND"),
                             errorCode(get("/stream/progressive/clip?quality=audio-en")));
    }

    void picturesAndFilesAreServed() {
        CPPUNIT_ASSERT_EQUAL(std::string("a poster"), text("/stream/thumbnails/clip/poster.jpg"));
        CPPUNIT_ASSERT_EQUAL(std::string("sprite 1"), text("/stream/thumbnails/clip/sprite-1.jpg"));
        CPPUNIT_ASSERT(text("/stream/thumbnails/clip/thumbnails.vtt").starts_with("WEBVTT\n"));
        CPPUNIT_ASSERT(text("/stream/subtitles/clip/en.vtt").starts_with("WEBVTT\n"));
        CPPUNIT_ASSERT_EQUAL(std::string("text/vtt; charset=utf-8"),
                             header(get("/stream/subtitles/clip/en.vtt"), "Content-Type"));
    }

    void whatIsNotThereIsNotFound() {
        const std::pair<const char*, const char*> expected[] = {
            {"/stream/hls/other/master.m3u8", "VIDEO_NOT_FOUND"},
            {"/stream/hls/clip/720p/playlist.m3u8", "QUALITY_NOT_FOUND"},
            {"/stream/hls/clip/audio-en/iframes.m3u8", "QUALITY_NOT_FOUND"},
            {"/stream/hls/clip/720p/segment-0.ts", "QUALITY_NOT_FOUND"},
            {"/stream/hls/clip/72p/segment-3.ts", "SEGMENT_NOT_FOUND"},
            {"/stream/hls/clip/72p/segment-00.ts", "SEGMENT_NOT_FOUND"},
            {"/stream/cmaf/clip/72p/segment-99999999999999999999.m4s", "SEGMENT_NOT_FOUND"},
            {"/stream/cmaf/clip/subtitles-en/init.mp4", "QUALITY_NOT_FOUND"},
            {"/stream/hls/clip/subtitles-de/segment-0.vtt", "QUALITY_NOT_FOUND"},
            {"/stream/hls/clip/72p/segment-0.vtt", "QUALITY_NOT_FOUND"},
            {"/stream/subtitles/clip/de.vtt", "QUALITY_NOT_FOUND"},
            {"/stream/thumbnails/clip/sprite-2.jpg", "SEGMENT_NOT_FOUND"},
        };
        for (const auto& [target, code] : expected) {
            const auto response = get(target);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, 404, response.status());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, std::string(code), errorCode(response));
        }
    }

    void healthNamesProblems() {
        CPPUNIT_ASSERT(plugin_->health().status == Health::Status::Up);
        std::filesystem::create_directory(videos() / "empty");
        context_->tasks().advance(std::chrono::seconds(5));
        CPPUNIT_ASSERT(plugin_->health().status == Health::Status::Degraded);
        CPPUNIT_ASSERT(plugin_->health().detail.find("\"empty\"") != std::string::npos);
        const auto data = jsonData(get("/stream/videos"));
        CPPUNIT_ASSERT(data.at("problems").at(0).at("id") == "empty");
        CPPUNIT_ASSERT(context_->services().find<VideoCatalog>().has_value());
    }

    void settingsAreChecked() {
        CPPUNIT_ASSERT_THROW(start({{"segment-duration", "4"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(start({{"segment-duration", "10 ms"}}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(start({{"rescan-interval", "0 s"}}), std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StreamingPluginTest);

}  // namespace playhouse::streaming
