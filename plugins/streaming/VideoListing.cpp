#include "VideoListing.h"

#include "RenditionFilter.h"

#include <boost/json/array.hpp>

#include <numeric>

namespace playhouse::streaming {
namespace {

namespace json = boost::json;

/// A whole number where the fraction is one, so that 30 reads 30 and not 3E1.
json::value number(std::int64_t numerator, std::int64_t denominator) {
    if (denominator == 0) return nullptr;
    if (numerator % denominator == 0) return numerator / denominator;
    return static_cast<double>(numerator) / static_cast<double>(denominator);
}

json::value frameRate(const Rational& rate) {
    return number(rate.numerator, rate.denominator);
}

json::value seconds(std::int64_t microseconds) {
    return number(microseconds, 1'000'000);
}

json::object describe(const PackagedTrack& rendition, const Selection& all) {
    const auto bitRate = variantBitRate(rendition, all.audio, Container::TransportStream);
    auto codecs = rendition.track->codec;
    if (!all.audio.empty()) codecs += "," + all.audio.front()->track->codec;
    return {{"name", rendition.name},
            {"width", rendition.displayWidth()},
            {"height", rendition.track->height},
            {"frameRate", frameRate(rendition.track->frameRate)},
            {"codecs", codecs},
            {"bandwidth", bitRate.peak},
            {"averageBandwidth", bitRate.average}};
}

json::value describe(const std::optional<Thumbnails>& thumbnails, const std::string& path) {
    if (!thumbnails) return nullptr;
    return json::object{
        {"vtt", path + "thumbnails.vtt"}, {"width", thumbnails->width},
        {"height", thumbnails->height},   {"columns", thumbnails->columns},
        {"rows", thumbnails->rows},       {"intervalSeconds", seconds(thumbnails->intervalMicroseconds)},
        {"count", thumbnails->count}};
}

json::object describe(const Asset& asset) {
    const auto all = everything(asset);
    const auto& tallest = asset.renditions.back();
    const auto master = "/stream/hls/" + asset.id + "/master.m3u8";
    const auto pictures = "/stream/thumbnails/" + asset.id + "/";
    json::array renditions;
    for (const auto& rendition : asset.renditions) renditions.emplace_back(describe(rendition, all));
    json::array audio;
    for (const auto& track : asset.audio)
        audio.emplace_back(json::object{{"name", track.name},
                                        {"language", track.track->language},
                                        {"label", track.label},
                                        {"codecs", track.track->codec},
                                        {"default", &track == &asset.audio.front()}});
    json::array subtitles;
    for (const auto& track : asset.subtitles)
        subtitles.emplace_back(json::object{{"language", track.language},
                                            {"label", track.label},
                                            {"url", "/stream/subtitles/" + asset.id + "/" + track.language + ".vtt"}});
    return {{"id", asset.id},
            {"title", asset.title},
            {"description", asset.description},
            {"durationSeconds", seconds(asset.durationMicroseconds)},
            {"aspectRatio", aspectRatio(tallest.displayWidth(), tallest.track->height)},
            {"frameRate", frameRate(tallest.track->frameRate)},
            {"poster", asset.poster ? json::value(pictures + "poster.jpg") : json::value(nullptr)},
            {"hls", master},
            {"hlsFmp4", master + "?container=fmp4"},
            {"dash", "/stream/dash/" + asset.id + "/manifest.mpd"},
            {"progressive", "/stream/progressive/" + asset.id},
            {"renditions", std::move(renditions)},
            {"audio", std::move(audio)},
            {"subtitles", std::move(subtitles)},
            {"thumbnails", describe(asset.thumbnails, pictures)}};
}

}  // namespace

json::object listVideos(const Library& library, std::size_t offset, std::size_t limit) {
    json::array videos;
    std::size_t total = 0;
    for (const auto& [id, entry] : library.entries) {
        if (!entry.video) continue;
        if (total >= offset && videos.size() < limit) videos.emplace_back(describe(entry.video->asset));
        ++total;
    }
    json::array problems;
    for (const auto& problem : library.problems())
        problems.emplace_back(json::object{{"id", problem.id}, {"error", problem.error}});
    return {{"videos", std::move(videos)}, {"problems", std::move(problems)}, {"total", total}};
}

}  // namespace playhouse::streaming
