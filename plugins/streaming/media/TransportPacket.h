#pragma once

#include <cstddef>
#include <cstdint>

namespace playhouse::streaming::ts {

constexpr std::size_t packetSize = 188;
constexpr std::size_t headerSize = 4;
constexpr std::size_t payloadSize = packetSize - headerSize;
constexpr std::size_t clockFieldSize = 8;  ///< an adaptation field that holds a PCR and no stuffing

constexpr std::uint16_t programMapPid = 0x1000;
constexpr std::uint16_t videoPid = 0x100;
constexpr std::uint16_t audioPid = 0x101;

constexpr std::byte syncByte{0x47};

/// The four bytes that begin a packet (ISO/IEC 13818-1 section 2.4.3.2). The low four bits of `counter` count.
inline void writeHeader(std::byte* packet, std::uint16_t pid, bool startsUnit, bool hasAdaptation, bool hasPayload,
                        std::uint64_t counter) noexcept {
    packet[0] = syncByte;
    packet[1] = static_cast<std::byte>((startsUnit ? 0x40 : 0) | pid >> 8);
    packet[2] = static_cast<std::byte>(pid);
    packet[3] = static_cast<std::byte>((hasAdaptation ? 0x20u : 0u) | (hasPayload ? 0x10u : 0u) | (counter & 15));
}

/// An adaptation field of `size` bytes, at least clockFieldSize, with the PCR `clock` in 90 kHz ticks and stuffing.
void writeClockField(std::byte* field, std::size_t size, std::int64_t clock, bool isRandomAccess) noexcept;

/// An adaptation field of `size` bytes, at least 1, that is stuffing.
void writeStuffingField(std::byte* field, std::size_t size) noexcept;

/// Five bytes of a PES timestamp: `prefix` is its four-bit mark.
void writeTimestamp(std::byte* into, unsigned prefix, std::int64_t time) noexcept;

}  // namespace playhouse::streaming::ts
