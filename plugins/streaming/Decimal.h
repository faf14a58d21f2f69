#pragma once

#include <cstdint>
#include <string>

namespace playhouse::streaming {

/// The fraction `numerator` / `denominator` as a decimal number with `places` digits after the point, rounded to the
/// nearest, whatever the locale. `denominator` is above 0, and `numerator` times ten to the `places` fits 63 bits.
std::string decimal(std::int64_t numerator, std::int64_t denominator, int places);

/// `ticks` of a clock with `timescale` ticks a second, in microseconds, rounded to the nearest.
std::int64_t microseconds(std::int64_t ticks, std::uint32_t timescale);

/// As xs:duration writes it (ISO/IEC 23009-1): "PT60.5S".
std::string xmlDuration(std::int64_t microseconds);

}  // namespace playhouse::streaming
