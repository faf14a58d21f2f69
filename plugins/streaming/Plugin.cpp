#include "Catalog.h"
#include "FileHandlers.h"
#include "ManifestHandlers.h"
#include "SegmentCache.h"
#include "SegmentHandlers.h"

#include <playhouse/Plugin.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace playhouse::streaming {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

milliseconds boundedDuration(Settings& settings, const char* name, milliseconds fallback, milliseconds least,
                             milliseconds most) {
    const auto value = settings.duration(name, fallback);
    if (value < least || value > most)
        throw std::invalid_argument("plugin.streaming." + std::string(name) + " is " + std::to_string(value.count()) +
                                    " ms; it is to be from " + std::to_string(least.count()) + " ms to " +
                                    std::to_string(most.count()) + " ms");
    return value;
}

/// Video on demand: HLS, DASH and progressive download of the videos in the library.
class StreamingPlugin final : public Plugin {
public:
    void start(PluginContext& context) override {
        openLibrary(context);
        declareRoutes(context.router());
        context.services().provide<VideoCatalog>(*catalog_);
    }

    Health health() const override {
        const auto problems = catalog_->library()->problems();
        if (problems.empty()) return {};
        return {Health::Status::Degraded, std::to_string(problems.size()) +
                                              " problem(s) in the library; the first: \"" + problems.front().id +
                                              "\": " + problems.front().error};
    }

private:
    void openLibrary(PluginContext& context) {
        auto& settings = context.settings();
        const auto segmentDuration = boundedDuration(settings, "segment-duration", 4s, 500ms, 60s);
        const auto rescanInterval = boundedDuration(settings, "rescan-interval", 5s, 100ms, 24h);
        const auto cacheSize = settings.byteSize("segment-cache-size", 256ULL * 1024 * 1024);

        auto& metrics = context.metrics();
        catalog_ = std::make_unique<Catalog>(
            context.storage().sharedDirectory("videos"), context.storage().ownDirectory(), segmentDuration,
            context.storage(), context.logger(),
            Catalog::Metrics{metrics.gauge("playhouse_streaming_videos", "Videos that can be streamed."),
                             metrics.gauge("playhouse_streaming_problems", "Things in the library that are broken.")});
        cache_ = std::make_unique<SegmentCache>(
            cacheSize,
            SegmentCache::Metrics{
                metrics.counter("playhouse_streaming_segment_cache_hits_total", "Segments found in the cache."),
                metrics.counter("playhouse_streaming_segment_cache_misses_total", "Segments not found in the cache."),
                metrics.gauge("playhouse_streaming_segment_cache_bytes", "Bytes of media in the cache.")});
        manifests_ = std::make_unique<ManifestHandlers>(*catalog_);
        segments_ = std::make_unique<SegmentHandlers>(
            *catalog_, *cache_,
            metrics.counter("playhouse_streaming_segments_packaged_total", "Media segments packaged from files."));
        files_ = std::make_unique<FileHandlers>(*catalog_);

        catalog_->open();
        context.tasks().run([this] { catalog_->scan(); });
        context.tasks().every(rescanInterval, [this] { catalog_->scan(); });
    }

    void declareRoutes(Router& router) {
        const auto& m = *manifests_;
        const auto& s = *segments_;
        const auto& f = *files_;
        constexpr auto now = Execution::Inline;
        // clang-format off
        router.get("/stream/videos",                                      by(m, &ManifestHandlers::videos), now);
        router.get("/stream/hls/{videoId}/master.m3u8",                   by(m, &ManifestHandlers::masterPlaylist), now);
        router.get("/stream/hls/{videoId}/{quality}/playlist.m3u8",       by(m, &ManifestHandlers::mediaPlaylist), now);
        router.get("/stream/hls/{videoId}/{quality}/iframes.m3u8",        by(m, &ManifestHandlers::keyFramePlaylist), now);
        router.get("/stream/dash/{videoId}/manifest.mpd",                 by(m, &ManifestHandlers::dashManifest), now);
        router.get("/stream/hls/{videoId}/{quality}/segment-{n}.ts",      by(s, &SegmentHandlers::transportStreamSegment), now);
        router.get("/stream/hls/{videoId}/{quality}/segment-{n}.vtt",     by(s, &SegmentHandlers::subtitleSegment), now);
        router.get("/stream/cmaf/{videoId}/{track}/init.mp4",             by(s, &SegmentHandlers::commonMediaInitialization), now);
        router.get("/stream/cmaf/{videoId}/{track}/segment-{n}.m4s",      by(s, &SegmentHandlers::commonMediaSegment), now);
        router.get("/stream/progressive/{videoId}",                       by(f, &FileHandlers::progressive), now);
        router.get("/stream/subtitles/{videoId}/{language}.vtt",          by(f, &FileHandlers::subtitles), now);
        router.get("/stream/thumbnails/{videoId}/poster.jpg",             by(f, &FileHandlers::poster));
        router.get("/stream/thumbnails/{videoId}/sprite-{n}.jpg",         by(f, &FileHandlers::sprite));
        router.get("/stream/thumbnails/{videoId}/thumbnails.vtt",         by(f, &FileHandlers::thumbnailTrack));
        // clang-format on
    }

    template <class Handlers>
    static Handler by(const Handlers& handlers, Response (Handlers::*answer)(const Request&) const) {
        return [&handlers, answer](const Request& request) { return (handlers.*answer)(request); };
    }

    std::unique_ptr<Catalog> catalog_;
    std::unique_ptr<SegmentCache> cache_;
    std::unique_ptr<ManifestHandlers> manifests_;
    std::unique_ptr<SegmentHandlers> segments_;
    std::unique_ptr<FileHandlers> files_;
};

}  // namespace
}  // namespace playhouse::streaming

PLAYHOUSE_PLUGIN(playhouse::streaming::StreamingPlugin, "streaming", "1.0.0")
