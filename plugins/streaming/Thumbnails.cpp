#include "Thumbnails.h"

#include "TextFile.h"
#include "WebVtt.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace playhouse::streaming {
namespace {

double positiveNumber(const boost::json::object& object, const char* name, const std::filesystem::path& file) {
    const auto* value = object.if_contains(name);
    boost::json::error_code error;
    const double number = value != nullptr ? value->to_number<double>(error) : 0;
    if (value == nullptr || error || !(number > 0) || number > 1e7)
        throw std::runtime_error(file.string() + ": \"" + name + "\" is to be a number above 0");
    return number;
}

}  // namespace

Thumbnails readThumbnails(const std::filesystem::path& folder) {
    const auto file = folder / "thumbnails.json";
    boost::json::error_code error;
    const auto document = boost::json::parse(readTextFile(file), error);
    if (error || !document.is_object()) throw std::runtime_error(file.string() + ": is to be one JSON object");
    const auto& object = document.get_object();

    Thumbnails thumbnails;
    thumbnails.width = static_cast<int>(positiveNumber(object, "width", file));
    thumbnails.height = static_cast<int>(positiveNumber(object, "height", file));
    thumbnails.columns = static_cast<int>(positiveNumber(object, "columns", file));
    thumbnails.rows = static_cast<int>(positiveNumber(object, "rows", file));
    thumbnails.intervalMicroseconds = std::llround(positiveNumber(object, "intervalSeconds", file) * 1e6);
    thumbnails.count = static_cast<std::size_t>(positiveNumber(object, "count", file));
    if (thumbnails.columns == 0 || thumbnails.rows == 0 || thumbnails.count == 0 ||
        thumbnails.intervalMicroseconds == 0)
        throw std::runtime_error(file.string() + ": its numbers are to be at least 1");

    const auto perSprite = thumbnails.tilesPerSprite();
    const auto sprites = (thumbnails.count + perSprite - 1) / perSprite;
    std::uint64_t largest = 0;
    for (std::size_t index = 0; index < sprites; ++index) {
        auto sprite = folder / ("sprite-" + std::to_string(index) + ".jpg");
        std::error_code missing;
        const auto size = std::filesystem::file_size(sprite, missing);
        if (missing) throw std::runtime_error(sprite.string() + ": " + missing.message());
        largest = std::max<std::uint64_t>(largest, size);
        thumbnails.sprites.push_back(std::move(sprite));
    }
    thumbnails.peakBitRate = static_cast<std::uint64_t>(
        std::ceil(static_cast<double>(largest) * 8e6 / static_cast<double>(thumbnails.spriteMicroseconds())));
    return thumbnails;
}

std::string thumbnailTrack(const Thumbnails& thumbnails, std::int64_t durationMicroseconds) {
    std::string text = "WEBVTT\n";
    const auto perSprite = thumbnails.tilesPerSprite();
    for (std::size_t tile = 0; tile < thumbnails.count; ++tile) {
        const auto start = static_cast<std::int64_t>(tile) * thumbnails.intervalMicroseconds;
        const auto end = std::min(start + thumbnails.intervalMicroseconds, durationMicroseconds);
        if (end <= start) break;
        const auto place = tile % perSprite;
        const auto column = place % static_cast<std::size_t>(thumbnails.columns);
        const auto row = place / static_cast<std::size_t>(thumbnails.columns);
        text.append("\n").append(webVttTime(start / 1000)).append(" --> ").append(webVttTime(end / 1000));
        text.append("\nsprite-").append(std::to_string(tile / perSprite)).append(".jpg#xywh=");
        text.append(std::to_string(column * static_cast<std::size_t>(thumbnails.width))).append(",");
        text.append(std::to_string(row * static_cast<std::size_t>(thumbnails.height))).append(",");
        text.append(std::to_string(thumbnails.width))
            .append(",")
            .append(std::to_string(thumbnails.height))
            .append("\n");
    }
    return text;
}

}  // namespace playhouse::streaming
