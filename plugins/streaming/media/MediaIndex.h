#pragma once

#include "Track.h"

#include <filesystem>
#include <stdexcept>

namespace playhouse::streaming {

/// A media file that cannot be streamed; the text names the file and the reason, for the operator.
class MediaError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Indexes `file` by libavformat: H.264 and AAC tracks, edit lists applied, AAC priming dropped so that the
/// presentation starts at 0. Throws MediaError for a file that is broken, truncated, or holds no such track.
MediaFile indexMedia(const std::filesystem::path& file);

/// As indexMedia(), but keeps the index under `indexDirectory` and takes it from there while the file's fingerprint is
/// the same. A damaged or outdated index is made anew.
MediaFile openMedia(const std::filesystem::path& file, const std::filesystem::path& indexDirectory);

}  // namespace playhouse::streaming
