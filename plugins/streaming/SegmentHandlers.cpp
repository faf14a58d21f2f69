#include "SegmentHandlers.h"

#include "NotFound.h"
#include "RenditionFilter.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace playhouse::streaming {
namespace {

constexpr std::string_view subtitleType = "text/vtt; charset=utf-8";
constexpr std::string_view transportStreamType = "video/mp2t";

/// For ever when the URL says which version it means (as those in manifests do), else for an hour; and not at all when
/// it means a version that is gone, whose URL is not to stand for these bytes.
std::string_view cacheControl(const Request& request, std::string_view version) {
    constexpr std::string_view forEver = "public, max-age=31536000, immutable";
    constexpr std::string_view name = "v=";
    const auto query = request.queryString();
    if (query.starts_with(name) && query.substr(name.size()) == version) return forEver;
    const auto asked = request.query("v");
    if (!asked) return "public, max-age=3600";
    return *asked == version ? forEver : "no-cache";
}

const PackagedTrack& requireTrack(const Asset& asset, const std::string& name) {
    const auto* track = asset.track(name);
    if (track == nullptr) throw qualityNotFound(asset, name);
    return *track;
}

std::string entityTag(const std::string& version, std::string_view track, std::string_view segment) {
    std::string tag;
    tag.reserve(version.size() + track.size() + segment.size() + 2);
    return tag.append(version).append("-").append(track).append("-").append(segment);
}

std::string_view commonMediaType(const PackagedTrack& track) {
    return track.track->kind == TrackKind::Video ? "video/mp4" : "audio/mp4";
}

SharedBuffer gathered(BodySource& source, std::uint64_t size) {
    return SharedBuffer::filled(static_cast<std::size_t>(size), [&](std::span<std::byte> into) {
        while (!into.empty()) {
            const auto got = source.read(into);
            if (got == 0) throw std::runtime_error("a segment came out shorter than it was measured");
            into = into.subspan(got);
        }
    });
}

/// The whole of `body` in memory.
SharedBuffer gathered(const Body& body) {
    if (auto* source = body.source()) return gathered(*source, body.size().value());
    return SharedBuffer::filled(static_cast<std::size_t>(body.size().value()), [&](std::span<std::byte> into) {
        for (const auto& part : body.parts()) {
            const auto size = static_cast<std::size_t>(sizeOf(part));
            if (const auto* buffer = std::get_if<SharedBuffer>(&part)) {
                std::copy_n(buffer->bytes().begin(), size, into.begin());
            } else {
                const auto& range = std::get<FileRange>(part);
                range.file.read(range.offset, into.data(), size);
            }
            into = into.subspan(size);
        }
    });
}

}  // namespace

Response SegmentHandlers::transportStreamSegment(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& track = requireTrack(video->asset, request.pathParameter("quality"));
    const auto& text = request.pathParameter("n");
    const auto number = requireSegmentNumber(track.name, text, track.segments.size());
    const auto& packager = *track.transportStreamPackager;
    const auto answer = [&](Body body) {
        return Response(200)
            .withHeader("Content-Type", transportStreamType)
            .withETag(entityTag(video->asset.version, track.name, text + ".ts"))
            .withCacheControl(cacheControl(request, video->asset.version))
            .withBody(std::move(body));
    };
    if (!cache_.isEnabled()) {
        packaged_.add();
        return answer(Body(packager.segment(number)));
    }
    return answer(cache_.getOrPackage({track.serial, Container::TransportStream, number}, [&] {
        packaged_.add();
        return gathered(*packager.segment(number), packager.segmentSize(number));
    }));
}

Response SegmentHandlers::commonMediaInitialization(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& track = requireTrack(video->asset, request.pathParameter("track"));
    return Response::bytes(track.commonMediaPackager->initialization(), commonMediaType(track))
        .withETag(entityTag(video->asset.version, track.name, "init.mp4"))
        .withCacheControl(cacheControl(request, video->asset.version));
}

Response SegmentHandlers::commonMediaSegment(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& track = requireTrack(video->asset, request.pathParameter("track"));
    const auto& text = request.pathParameter("n");
    const auto number = requireSegmentNumber(track.name, text, track.segments.size());
    const auto& packager = *track.commonMediaPackager;
    const auto answer = [&](Body body) {
        return Response(200)
            .withHeader("Content-Type", commonMediaType(track))
            .withETag(entityTag(video->asset.version, track.name, text + ".m4s"))
            .withCacheControl(cacheControl(request, video->asset.version))
            .withBody(std::move(body));
    };
    if (!cache_.isEnabled()) {
        packaged_.add();
        return answer(packager.segment(number));
    }
    return answer(cache_.getOrPackage({track.serial, Container::CommonMedia, number}, [&] {
        packaged_.add();
        return gathered(packager.segment(number));
    }));
}

Response SegmentHandlers::subtitleSegment(const Request& request) const {
    const auto video = catalog_.require(request.pathParameter("videoId"));
    const auto& asset = video->asset;
    const auto& name = request.pathParameter("quality");
    constexpr std::string_view prefix = "subtitles-";
    const auto* track =
        name.starts_with(prefix) ? asset.subtitle(std::string_view(name).substr(prefix.size())) : nullptr;
    if (track == nullptr) throw qualityNotFound(asset, name);
    const auto& text = request.pathParameter("n");
    const auto number = requireSegmentNumber(name, text, subtitleSegmentCount(asset));
    const auto container = containerOf(request);
    const auto timeZero = container == Container::TransportStream ? TransportStreamPackager::timestampOffset : 0;
    const auto start = static_cast<std::int64_t>(number) * asset.segmentMicroseconds;
    return Response::text(track->cues.segment(start / 1000, (start + asset.segmentMicroseconds) / 1000, timeZero),
                          subtitleType)
        .withETag(entityTag(track->version, name, text + (timeZero == 0 ? ".fmp4" : ".ts")))
        .withCacheControl(cacheControl(request, track->version));
}

}  // namespace playhouse::streaming
