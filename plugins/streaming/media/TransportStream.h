#pragma once

#include "PesPlan.h"
#include "Track.h"

#include <playhouse/Body.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace playhouse::streaming {

/// A byte range of a segment that holds one key frame. What a decoder needs before it is the initialization segment of
/// CMAF, or the tables that every transport stream segment begins with.
struct KeyFrameRange {
    std::int64_t start = 0;     ///< presentation time, in ticks of the track
    std::int64_t duration = 0;  ///< to the next key frame, or the end of the track
    std::size_t segment = 0;    ///< index into the segments
    std::uint64_t offset = 0;   ///< bytes from the segment's begin
    std::uint64_t size = 0;
};

/// Writes one track as MPEG-2 transport stream segments (ISO/IEC 13818-1): PAT and PMT at each segment's start and
/// before each key frame, PCR with every PES packet and at least every 100 ms, the random access indicator at key
/// frames, continuity counters that run on from segment to segment, and one timestamp offset (10 s) for all tracks of
/// all assets.
///
/// Segment `n` is a pure function of file, track and segmentation. Immutable, and safe from any thread; sources share
/// the packager, which is kept alive by them.
class TransportStreamPackager : public std::enable_shared_from_this<TransportStreamPackager> {
public:
    /// 90 kHz ticks that the presentation's start has in every segment.
    static constexpr std::int64_t timestampOffset = PesPlan::timestampOffset;

    static std::shared_ptr<const TransportStreamPackager> make(SharedFile file, std::shared_ptr<const Track> track,
                                                               std::vector<Segment> segments);

    /// Bytes of segment `index`, known without reading media.
    std::uint64_t segmentSize(std::size_t index) const;

    /// The segment, made from the file while it is read. Throws std::out_of_range for an unknown index; reading throws
    /// when the file has become shorter.
    std::unique_ptr<BodySource> segment(std::size_t index) const;

    /// Where the key frames of a video track are, for I-frame playlists.
    std::vector<KeyFrameRange> keyFrames() const;

private:
    friend class TransportStreamSource;

    /// What comes before a segment decides its size and counters.
    struct Layout {
        std::uint64_t size = 0;
        std::uint64_t tablesBefore = 0;    ///< PAT and PMT pairs
        std::uint64_t payloadsBefore = 0;  ///< packets of the elementary stream that carry payload
    };

    TransportStreamPackager(SharedFile file, std::shared_ptr<const Track> track, std::vector<Segment> segments);

    SharedFile file_;
    std::shared_ptr<const Track> track_;
    std::vector<Segment> segments_;
    PesPlan plan_;
    std::vector<Layout> layouts_;
};

}  // namespace playhouse::streaming
