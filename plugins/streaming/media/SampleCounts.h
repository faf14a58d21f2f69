#pragma once

#include <playhouse/FileRange.h>

namespace playhouse::streaming {

/// Refuses an MP4 whose boxes claim more samples than it has bytes: libavformat would set aside gigabytes for a claim
/// that costs twelve bytes to make. Throws std::runtime_error.
void refuseImpossibleCounts(const SharedFile& file);

}  // namespace playhouse::streaming
