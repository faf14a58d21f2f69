#pragma once

#include <cstdint>
#include <span>

namespace playhouse::streaming {

/// What a track needs of a network, measured over its segments, in bits a second.
struct BitRate {
    std::uint64_t peak = 0;
    std::uint64_t average = 0;
};

/// The size and duration of one segment.
struct SegmentMeasure {
    std::uint64_t bytes = 0;
    std::int64_t microseconds = 0;
};

/// Measures `segments` as RFC 8216 section 4.3.4.2 defines it: the peak is the greatest rate of any run of neighbouring
/// segments that lasts between half and one and a half target durations; when none does, it is the average.
/// The target duration is that of the longest segment.
BitRate measureBitRate(std::span<const SegmentMeasure> segments);

}  // namespace playhouse::streaming
