#pragma once

#include "Asset.h"
#include "RenditionFilter.h"

#include <string>

namespace playhouse::streaming {

/// The media presentation description (ISO/IEC 23009-1, DASH-IF IOP) of the tracks in `selection`, with all subtitles
/// and thumbnails: static, one period, CMAF segments by number with their timeline. URLs in it are relative to
/// /stream/dash/{videoId}/, so that they hold behind any prefix.
std::string dashManifest(const Asset& asset, const Selection& selection);

}  // namespace playhouse::streaming
