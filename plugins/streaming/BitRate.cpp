#include "BitRate.h"

#include <algorithm>
#include <cmath>

namespace playhouse::streaming {
namespace {

std::uint64_t bitsPerSecond(std::uint64_t bytes, std::int64_t microseconds) {
    if (microseconds <= 0) return 0;
    return static_cast<std::uint64_t>(
        std::ceil(static_cast<double>(bytes) * 8'000'000.0 / static_cast<double>(microseconds)));
}

}  // namespace

BitRate measureBitRate(std::span<const SegmentMeasure> segments) {
    SegmentMeasure whole;
    std::int64_t target = 0;
    for (const auto& segment : segments) {
        whole.bytes += segment.bytes;
        whole.microseconds += segment.microseconds;
        target = std::max(target, segment.microseconds);
    }
    const auto average = bitsPerSecond(whole.bytes, whole.microseconds);
    std::uint64_t peak = 0;
    for (std::size_t first = 0; first < segments.size(); ++first) {
        SegmentMeasure run;
        for (std::size_t last = first; last < segments.size(); ++last) {
            run.bytes += segments[last].bytes;
            run.microseconds += segments[last].microseconds;
            if (run.microseconds * 2 > target * 3) break;
            if (run.microseconds * 2 >= target) peak = std::max(peak, bitsPerSecond(run.bytes, run.microseconds));
        }
    }
    return {std::max(peak, average), average};
}

}  // namespace playhouse::streaming
