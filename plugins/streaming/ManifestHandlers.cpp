#include "ManifestHandlers.h"

#include "DashManifest.h"
#include "HlsPlaylists.h"
#include "NotFound.h"
#include "RenditionFilter.h"
#include "VideoListing.h"

#include <optional>
#include <string_view>

namespace playhouse::streaming {
namespace {

constexpr std::string_view playlistType = "application/vnd.apple.mpegurl";
constexpr std::string_view dashType = "application/dash+xml";

Response answer(const Manifest& manifest, std::string_view contentType) {
    // Kept, but asked for again each time: a manifest's URL stays when the video changes.
    return Response::bytes(manifest.text, contentType).withETag(manifest.entityTag).withCacheControl("no-cache");
}

/// The filter of the query; absent when it lets everything through.
std::optional<RenditionFilter> filterOf(const Request& request) {
    if (request.queryString().empty()) return std::nullopt;
    auto filter = RenditionFilter::from(request);
    if (filter == RenditionFilter{}) return std::nullopt;
    return filter;
}

}  // namespace

Response ManifestHandlers::videos(const Request& request) const {
    constexpr long long mostAtOnce = 1000;
    constexpr long long usuallyAtOnce = 100;
    constexpr long long furthest = 1'000'000'000;
    const auto offset = request.queryInteger("offset", 0, furthest).value_or(0);
    const auto limit = request.queryInteger("limit", 1, mostAtOnce).value_or(usuallyAtOnce);
    return Response::json(
               listVideos(*catalog_.library(), static_cast<std::size_t>(offset), static_cast<std::size_t>(limit)))
        .withCacheControl("no-cache");
}

Response ManifestHandlers::masterPlaylist(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto container = containerOf(request);
    const auto filter = filterOf(request);
    if (!filter) return answer(video->manifests.master(container), playlistType);
    const auto selection = filter->apply(video->asset, container);
    return answer(Manifest(streaming::masterPlaylist(video->asset, container, selection)), playlistType);
}

Response ManifestHandlers::mediaPlaylist(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& quality = request.pathParameter("quality");
    const auto* manifest = video->manifests.media(quality, containerOf(request));
    if (manifest == nullptr) throw qualityNotFound(video->asset, quality);
    return answer(*manifest, playlistType);
}

Response ManifestHandlers::keyFramePlaylist(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& quality = request.pathParameter("quality");
    const auto* manifest = video->manifests.keyFrames(quality, containerOf(request));
    if (manifest == nullptr) throw qualityNotFound(video->asset, quality);
    return answer(*manifest, playlistType);
}

Response ManifestHandlers::dashManifest(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto filter = filterOf(request);
    if (!filter) return answer(video->manifests.dash(), dashType);
    const auto selection = filter->apply(video->asset, Container::CommonMedia);
    return answer(Manifest(streaming::dashManifest(video->asset, selection)), dashType);
}

}  // namespace playhouse::streaming
