#pragma once

#include "Asset.h"

namespace playhouse::streaming {

/// An asset of known figures, without media: two renditions of 10 s at 30 frames a second in segments of 4, 4 and 2 s,
/// two audio languages, English subtitles, and thumbnails.
Asset sampleAsset();

}  // namespace playhouse::streaming
