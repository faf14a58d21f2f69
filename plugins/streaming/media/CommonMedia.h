#pragma once

#include "ByteWriter.h"
#include "CommonMediaSource.h"
#include "Track.h"
#include "TransportStream.h"

#include <playhouse/Body.h>
#include <playhouse/SharedBuffer.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace playhouse::streaming {

/// Writes one track as CMAF (ISO/IEC 23000-19): an initialization segment, and media segments of styp, sidx, and one
/// moof and mdat for each group of pictures, or for all audio of the segment. Decode times start at 0, with signed
/// composition offsets (trun version 1) in place of an edit list, so that presentation starts at 0 in every track.
///
/// Segment `n` is a pure function of file, track and segmentation. Immutable, and safe from any thread.
class CommonMediaPackager {
public:
    /// Throws std::length_error for segments of 2 GiB and more.
    CommonMediaPackager(SharedFile file, std::shared_ptr<const Track> track, std::vector<Segment> segments);

    /// ftyp and moov, the same for all segments.
    const SharedBuffer& initialization() const noexcept;

    std::uint64_t segmentSize(std::size_t index) const;

    /// The segment: its boxes in memory, and the samples as ranges of the file where they lie in long runs (sent
    /// without a copy), else read into memory, large ones while they are sent. Throws std::out_of_range for an unknown
    /// index, and as SharedFile::read().
    Body segment(std::size_t index) const;

    /// Where the key frames of a video track are in the segments: moof to the end of the key frame.
    std::vector<KeyFrameRange> keyFrames() const;

private:
    /// A moof and its mdat: one group of pictures, or all audio of a segment.
    struct Fragment {
        std::size_t firstSample = 0;
        std::size_t sampleCount = 0;
        std::uint64_t mediaSize = 0;
        bool hasOneDuration = true;  ///< all samples last equally long
    };
    struct Layout {
        std::size_t firstFragment = 0;
        std::size_t fragmentCount = 0;
        std::uint64_t size = 0;
        std::size_t boxesSize = 0;  ///< of that, all but the samples
        bool isSentFromFile = false;
    };

    void layOut(const Segment& segment);
    std::size_t fragmentBoxesSize(const Fragment& fragment) const noexcept;
    std::int64_t presentationTime(std::size_t sample) const noexcept;

    /// The boxes of a segment, one after another, without the samples between them.
    SharedBuffer writeBoxes(std::size_t index) const;
    void writeSegmentHeader(ByteWriter& out, std::size_t index) const;
    void writeFragmentHeader(ByteWriter& out, std::size_t index) const;
    Body sendFromFile(std::size_t index) const;
    std::vector<CommonMediaSource::Piece> pieces(std::size_t index) const;

    SharedFile file_;
    std::shared_ptr<const Track> track_;
    std::vector<Segment> segments_;
    SharedBuffer initialization_;
    std::int64_t decodeShift_ = 0;  ///< added to decode times, so that the first is not below 0
    bool hasCompositionOffsets_ = false;
    std::vector<Fragment> fragments_;
    std::vector<Layout> layouts_;
};

}  // namespace playhouse::streaming
