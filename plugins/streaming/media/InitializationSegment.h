#pragma once

#include "Track.h"

#include <cstdint>
#include <string>

namespace playhouse::streaming {

/// Of the one track in a file.
constexpr std::uint32_t trackId = 1;

/// ftyp and moov of a fragmented file that holds `track` alone, as `trackId` (ISO/IEC 14496-12, 23000-19).
std::string writeInitialization(const Track& track);

}  // namespace playhouse::streaming
