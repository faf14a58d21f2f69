#pragma once

#include "Track.h"
#include "TransportPacket.h"

#include <array>
#include <cstddef>
#include <span>

namespace playhouse::streaming::ts {

/// A PAT packet and a PMT packet (ISO/IEC 13818-1 sections 2.4.4.3 and 2.4.4.8).
using ProgramTables = std::array<std::byte, 2 * packetSize>;

/// The tables of a program that holds `track` alone, with continuity counters of 0.
ProgramTables makeProgramTables(const Track& track);

/// The checksum that ends a table (ISO/IEC 13818-1 annex A).
std::uint32_t tableChecksum(std::span<const std::byte> section) noexcept;

}  // namespace playhouse::streaming::ts
