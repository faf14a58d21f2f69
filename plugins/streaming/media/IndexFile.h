#pragma once

#include "Track.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming {

/// The tracks of a media file as compact bytes: a header with magic, version and checksum, then the fingerprint of the
/// file, then the tracks, their samples as differences in variable-length numbers (about 6 bytes a sample).
std::string encodeIndex(const std::vector<Track>& tracks, std::string_view fingerprint);

/// The tracks that encodeIndex() wrote. None when the bytes are damaged, of another version or of another fingerprint,
/// or name a sample beyond `fileSize`.
std::optional<std::vector<Track>> decodeIndex(std::string_view bytes, std::string_view fingerprint,
                                              std::uint64_t fileSize);

}  // namespace playhouse::streaming
