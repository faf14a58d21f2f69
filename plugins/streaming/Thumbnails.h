#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace playhouse::streaming {

/// Small pictures of a video at even times, tiled into sprites. Tile 0 shows the begin of the video.
struct Thumbnails {
    int width = 0;  ///< of one tile, in pixels
    int height = 0;
    int columns = 0;  ///< tiles in a sprite
    int rows = 0;
    std::int64_t intervalMicroseconds = 0;  ///< from tile to tile
    std::size_t count = 0;                  ///< tiles in all sprites
    std::vector<std::filesystem::path> sprites;
    std::uint64_t peakBitRate = 0;  ///< bits a second, of the largest sprite

    std::size_t tilesPerSprite() const noexcept {
        return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
    }
    std::int64_t spriteMicroseconds() const noexcept {
        return intervalMicroseconds * static_cast<std::int64_t>(tilesPerSprite());
    }
};

/// Reads `folder`/thumbnails.json and looks for its sprites. Throws std::runtime_error naming the file and what is
/// wrong.
Thumbnails readThumbnails(const std::filesystem::path& folder);

/// A WebVTT track whose cues name tiles as "sprite-0.jpg#xywh=0,0,160,90", as players expect them.
std::string thumbnailTrack(const Thumbnails& thumbnails, std::int64_t durationMicroseconds);

}  // namespace playhouse::streaming
