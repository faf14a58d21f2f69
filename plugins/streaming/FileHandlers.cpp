#include "FileHandlers.h"

#include "AssetLoader.h"
#include "NotFound.h"
#include "Thumbnails.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

namespace playhouse::streaming {
namespace {

constexpr std::string_view forAnHour = "public, max-age=3600";

Response picture(const std::filesystem::path& path) {
    try {
        return Response::file(SharedFile(path), "image/jpeg").withCacheControl(forAnHour);
    } catch (const std::system_error&) {
        throw ApiError(404, "PICTURE_NOT_FOUND", "This picture is no longer there.");
    }
}

const Thumbnails& requireThumbnails(const Asset& asset) {
    if (!asset.thumbnails)
        throw ApiError(404, "THUMBNAILS_NOT_FOUND", "The video \"" + asset.id + "\" has no thumbnails.");
    return *asset.thumbnails;
}

}  // namespace

Response FileHandlers::progressive(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& renditions = video->asset.renditions;
    const auto quality = request.query("quality").value_or(renditions.back().name);
    const auto found = std::find_if(renditions.begin(), renditions.end(),
                                    [&](const PackagedTrack& rendition) { return rendition.name == quality; });
    if (found == renditions.end()) throw qualityNotFound(video->asset, quality);
    return Response::file(found->file, "video/mp4").withCacheControl(forAnHour);
}

Response FileHandlers::subtitles(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto* track = video->asset.subtitle(request.pathParameter("language"));
    if (track == nullptr) throw qualityNotFound(video->asset, "subtitles-" + request.pathParameter("language"));
    return Response::bytes(track->file, "text/vtt; charset=utf-8").withETag(track->version).withCacheControl(forAnHour);
}

Response FileHandlers::poster(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    if (!video->asset.poster)
        throw ApiError(404, "POSTER_NOT_FOUND", "The video \"" + video->asset.id + "\" has no poster.jpg.");
    return picture(*video->asset.poster);
}

Response FileHandlers::sprite(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& sprites = requireThumbnails(video->asset).sprites;
    return picture(sprites[requireSegmentNumber("thumbnails", request.pathParameter("n"), sprites.size())]);
}

Response FileHandlers::thumbnailTrack(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    auto text = streaming::thumbnailTrack(requireThumbnails(video->asset), video->asset.durationMicroseconds);
    const auto entityTag = shortDigest(text);
    return Response::text(std::move(text), "text/vtt; charset=utf-8").withETag(entityTag).withCacheControl(forAnHour);
}

}  // namespace playhouse::streaming
