#pragma once

#include "BitRate.h"
#include "Container.h"
#include "Thumbnails.h"
#include "WebVtt.h"
#include "media/CommonMedia.h"
#include "media/Track.h"
#include "media/TransportStream.h"

#include <playhouse/FileRange.h>
#include <playhouse/SharedBuffer.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming {

/// What one container makes of a track.
struct PackagingFacts {
    BitRate bitRate;
    std::vector<KeyFrameRange> keyFrames;  ///< video; empty for audio
    BitRate keyFrameBitRate;               ///< video: of playing key frames alone
};

/// One track that can be streamed, cut into segments for both containers.
struct PackagedTrack {
    std::uint64_t serial = 0;  ///< no other track that this process ever loaded has it
    std::string name;          ///< as in URLs: "1080p", "audio-en"
    std::string label;         ///< for people: "1080p", "English"
    SharedFile file;
    std::shared_ptr<const Track> track;
    std::vector<Segment> segments;
    std::shared_ptr<const TransportStreamPackager> transportStreamPackager;
    std::shared_ptr<const CommonMediaPackager> commonMediaPackager;
    PackagingFacts transportStream;
    PackagingFacts commonMedia;

    const PackagingFacts& in(Container container) const noexcept {
        return container == Container::TransportStream ? transportStream : commonMedia;
    }
    /// The end of the last segment.
    std::int64_t durationMicroseconds() const;
    /// Pixels to show it with: the width corrected by the shape of its pixels.
    int displayWidth() const noexcept;
};

struct SubtitleTrack {
    std::string language;  ///< BCP 47
    std::string label;     ///< for people
    SharedBuffer file;     ///< the WebVTT file as it is
    WebVtt cues;
    std::string version;  ///< changes with the file
    std::string name() const { return "subtitles-" + language; }
};

/// One video: everything known of its folder. Immutable once loaded.
struct Asset {
    std::string id;
    std::string title;
    std::string description;
    std::int64_t durationMicroseconds = 0;   ///< of the longest rendition
    std::int64_t segmentMicroseconds = 0;    ///< what segments are cut to, in the mean
    std::int64_t targetDurationSeconds = 1;  ///< EXT-X-TARGETDURATION, one for all tracks
    std::string version;                     ///< of all media files and the way they are packaged; safe in URLs
    std::vector<PackagedTrack> renditions;   ///< by ascending height, then bit rate; never empty
    std::vector<PackagedTrack> audio;        ///< the default language first
    std::vector<SubtitleTrack> subtitles;    ///< by language
    std::optional<Thumbnails> thumbnails;
    std::optional<std::filesystem::path> poster;

    /// The rendition or audio track called `name`, or null.
    const PackagedTrack* track(std::string_view name) const noexcept;
    const SubtitleTrack* subtitle(std::string_view language) const noexcept;
};

/// The shape of the picture, in lowest terms: "16:9". Shapes within a hundredth of a usual one are called by its name.
std::string aspectRatio(int width, int height);

/// How many subtitle segments an asset has; each lasts segmentMicroseconds, the last one the rest.
std::size_t subtitleSegmentCount(const Asset& asset) noexcept;

}  // namespace playhouse::streaming
