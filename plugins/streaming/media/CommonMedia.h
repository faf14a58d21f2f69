#pragma once

#include "Track.h"
#include "TransportStream.h"

#include <playhouse/Body.h>
#include <playhouse/SharedBuffer.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace playhouse::streaming {

/// Writes one track as CMAF (ISO/IEC 23000-19): an initialization segment, and media segments of styp, sidx, moof and
/// mdat. Decode times start at 0, with signed composition offsets (trun version 1) in place of an edit list, so that
/// presentation starts at 0 in every track.
///
/// Segment `n` is a pure function of file, track and segmentation. Immutable, and safe from any thread.
class CommonMediaPackager {
public:
    CommonMediaPackager(SharedFile file, std::shared_ptr<const Track> track, std::vector<Segment> segments);

    /// ftyp and moov, the same for all segments.
    const SharedBuffer& initialization() const noexcept;

    std::uint64_t segmentSize(std::size_t index) const;

    /// The segment: its boxes in memory, and the samples as ranges of the file where they lie in long runs (sent without
    /// a copy), else read into memory. Throws std::out_of_range for an unknown index, and as SharedFile::read().
    Body segment(std::size_t index) const;

    /// Where the key frames of a video track are in the segments: moof to the end of the key frame.
    std::vector<KeyFrameRange> keyFrames() const;
};

}  // namespace playhouse::streaming
