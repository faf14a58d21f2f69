#pragma once

#include "Track.h"

#include <string>

namespace playhouse::streaming {

/// ftyp and moov of a fragmented file that holds `track` alone (ISO/IEC 14496-12, 23000-19), with track id 1.
std::string writeInitialization(const Track& track);

}  // namespace playhouse::streaming
