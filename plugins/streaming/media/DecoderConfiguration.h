#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace playhouse::streaming {

/// What a decoder needs before H.264 pictures: an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3).
struct AvcConfiguration {
    std::string codec;                     ///< RFC 6381: "avc1.64001f"
    std::size_t lengthSize = 4;            ///< bytes of the length before each NAL unit
    std::vector<std::byte> parameterSets;  ///< all SPS, then all PPS, each after a four-byte start code

    /// Throws std::invalid_argument, with the reason, for a record that is broken or without parameter sets.
    static AvcConfiguration parse(std::span<const std::byte> record);
};

/// What a decoder needs before AAC frames: an AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1), as far as ADTS can
/// say it.
struct AacConfiguration {
    std::string codec;                ///< RFC 6381: "mp4a.40.2"
    std::uint8_t profile = 1;         ///< of ADTS: the core's audio object type less one
    std::uint8_t frequencyIndex = 0;  ///< of the core
    std::uint8_t channels = 0;        ///< the channel configuration, 1 to 7

    /// Throws std::invalid_argument, with the reason, for a configuration that is broken or that ADTS cannot carry.
    static AacConfiguration parse(std::span<const std::byte> configuration);
};

/// NAL unit types and sizes (ISO/IEC 14496-10 table 7-1).
constexpr std::byte nalTypeMask{0x1f};
constexpr std::byte nalTypeRefresh{5};
constexpr std::byte nalTypeDelimiter{9};
constexpr std::size_t nalDelimiterSize = 2;

/// Whether a sample, whose NAL units have lengths of four bytes, is an instantaneous decoder refresh picture. Throws
/// std::invalid_argument when the lengths do not add up, or it is more than one access unit.
bool inspectAccessUnit(std::span<const std::byte> sample);

}  // namespace playhouse::streaming
