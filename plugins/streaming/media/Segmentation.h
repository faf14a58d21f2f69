#pragma once

#include "Track.h"

#include <chrono>
#include <vector>

namespace playhouse::streaming {

/// Cuts a video track at the first key frame at or after each multiple of `target`. Every sample is in exactly one
/// segment; none is empty.
std::vector<Segment> segmentVideo(const Track& video, std::chrono::milliseconds target);

/// Cuts an audio track at the frame edges nearest to each multiple of `target`, on its own timeline. A last segment of
/// under a tenth of the target joins the one before.
std::vector<Segment> segmentAudio(const Track& audio, std::chrono::milliseconds target);

}  // namespace playhouse::streaming
