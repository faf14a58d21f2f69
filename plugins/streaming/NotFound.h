#pragma once

#include "Asset.h"

#include <playhouse/ApiError.h>

#include <string_view>

namespace playhouse::streaming {

/// 404 VIDEO_NOT_FOUND
ApiError videoNotFound(std::string_view id);

/// 404 QUALITY_NOT_FOUND, with the names that there are in details.available.
ApiError qualityNotFound(const Asset& asset, std::string_view name);

/// 404 SEGMENT_NOT_FOUND, with the numbers that there are in details.first and details.last.
ApiError segmentNotFound(std::string_view track, std::string_view number, std::size_t count);

/// The number of a segment, one of `count`: digits alone, without leading zeros. Throws segmentNotFound().
std::size_t requireSegmentNumber(std::string_view track, std::string_view text, std::size_t count);

}  // namespace playhouse::streaming
