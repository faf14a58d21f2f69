#pragma once

#include "ProgramTables.h"
#include "Track.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace playhouse::streaming {

/// One PES packet of a segment, and the transport packets around it. Times in 90 kHz ticks, offset included.
struct PesUnit {
    std::size_t firstSample = 0;
    std::size_t sampleCount = 0;
    bool hasTables = false;  ///< PAT and PMT go before it
    bool isRandomAccess = false;
    std::uint64_t size = 0;          ///< bytes of the PES packet, its header included
    std::uint64_t packets = 0;       ///< transport packets that carry it
    std::uint64_t clockPackets = 0;  ///< packets after it that carry a PCR alone, when the next unit is far off
    std::int64_t presentationTime = 0;
    std::int64_t decodeTime = 0;

    std::uint64_t allPackets() const noexcept { return (hasTables ? 2 : 0) + packets + clockPackets; }
};

/// How a track's samples become PES packets: one for each picture, behind an access unit delimiter, with the parameter
/// sets before key frames; one for a tenth of a second of AAC frames, each behind an ADTS header. Immutable.
class PesPlan {
public:
    static constexpr std::int64_t timestampOffset = 900000;
    static constexpr std::int64_t clockInterval =
        9000;  ///< 100 ms, the longest that ISO/IEC 13818-1 allows between PCRs

    explicit PesPlan(const Track& track);

    /// The unit that begins with sample `first` of `segment`.
    PesUnit unitAt(std::size_t first, const Segment& segment) const;

    /// Makes `into` what goes before sample `index` of `unit`: the PES header, for the first, and the codec's own.
    void writePrefix(const PesUnit& unit, std::size_t index, std::vector<std::byte>& into) const;

    /// The PCR with `unit`, or `intervals` later.
    static std::int64_t clock(const PesUnit& unit, std::uint64_t intervals = 0) noexcept;

    const ts::ProgramTables& tables() const noexcept { return tables_; }
    std::uint16_t pid() const noexcept { return isVideo_ ? ts::videoPid : ts::audioPid; }

private:
    std::size_t prefixSize(const Sample& sample) const noexcept;
    std::int64_t toClockTicks(std::int64_t time) const noexcept;

    const Track& track_;
    bool isVideo_;
    std::vector<std::byte> parameterSets_;  ///< video
    std::uint32_t frameDuration_ = 0;       ///< audio: in ticks of the track
    std::uint64_t adtsHeader_ = 0;          ///< audio: all but the frame's length, in the low 56 bits
    ts::ProgramTables tables_;
};

}  // namespace playhouse::streaming
