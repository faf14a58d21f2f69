#include "NotFound.h"

#include <boost/json/array.hpp>

#include <charconv>

namespace playhouse::streaming {

ApiError videoNotFound(std::string_view id) {
    return {404, "VIDEO_NOT_FOUND",
            "There is no video \"" + std::string(id) + "\". GET /stream/videos lists those that there are."};
}

ApiError qualityNotFound(const Asset& asset, std::string_view name) {
    boost::json::array available;
    for (const auto& rendition : asset.renditions) available.emplace_back(rendition.name);
    for (const auto& audio : asset.audio) available.emplace_back(audio.name);
    for (const auto& track : asset.subtitles) available.emplace_back(track.name());
    if (asset.thumbnails) available.emplace_back("thumbnails");
    return {404,
            "QUALITY_NOT_FOUND",
            "The video \"" + asset.id + "\" has nothing called \"" + std::string(name) + "\" here.",
            {{"available", std::move(available)}}};
}

ApiError segmentNotFound(std::string_view track, std::string_view number, std::size_t count) {
    return {404,
            "SEGMENT_NOT_FOUND",
            "\"" + std::string(track) + "\" has no segment " + std::string(number) + ": its segments are 0 to " +
                std::to_string(count - 1) + ".",
            {{"first", 0}, {"last", count - 1}}};
}

std::size_t requireSegmentNumber(std::string_view track, std::string_view text, std::size_t count) {
    std::size_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    const bool isPlain = result.ec == std::errc() && result.ptr == end && (text.size() == 1 || text.front() != '0');
    if (!isPlain || number >= count) throw segmentNotFound(track, text, count);
    return number;
}

}  // namespace playhouse::streaming
