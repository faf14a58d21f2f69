#pragma once

#include "Asset.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming {

/// A video's folder that cannot be streamed; the text names the file and what to do, for the operator.
class AssetError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct LoadedAsset {
    Asset asset;
    std::vector<std::string> problems;  ///< what beside the media is broken, and therefore left out
};

/// Reads the folders of videos. Safe from any thread.
class AssetLoader {
public:
    /// @param indexDirectory   where the indexes of media files are kept; made when absent
    /// @param segmentDuration  what segments are cut to
    AssetLoader(std::filesystem::path indexDirectory, std::chrono::milliseconds segmentDuration);

    /// Reads `folder`, whose name is the video's id: `<quality>.mp4`, `audio-<language>.m4a`,
    /// `subtitles-<language>.vtt`, `thumbnails/`, `poster.jpg` and `video.json`.
    ///
    /// Media that is broken takes the video out: AssetError. Anything else that is broken is left out, and reported.
    LoadedAsset load(const std::filesystem::path& folder) const;

    /// Forgets the indexes of a video that is gone.
    void forget(const std::string& id) const noexcept;

private:
    PackagedTrack package(std::string name, std::string label, SharedFile file, Track track) const;
    void loadRenditions(Asset& asset, const std::filesystem::path& folder) const;
    void loadAlternateAudio(Asset& asset, const std::filesystem::path& folder) const;

    std::filesystem::path indexDirectory_;
    std::chrono::milliseconds segmentDuration_;
    mutable std::atomic<std::uint64_t> nextSerial_{1};
};

/// A text that changes when any file of a video's folder is added, removed, replaced or written. Throws
/// std::filesystem::filesystem_error when the folder cannot be read.
std::string folderFingerprint(const std::filesystem::path& folder);

/// Whether `name` can stand in a URL and in playlists as it is: letters, digits, "-", "_" and ".", not beginning with
/// ".".
bool isPlainName(std::string_view name) noexcept;

/// A short text made of `text`, equal for equal texts, and all but surely different for others.
std::string shortDigest(std::string_view text);

}  // namespace playhouse::streaming
