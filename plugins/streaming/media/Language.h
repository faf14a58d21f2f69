#pragma once

#include <string>
#include <string_view>

namespace playhouse::streaming {

/// The BCP 47 tag of a three-letter ISO 639-2 code, terminologic or bibliographic: "eng" to "en". A language without a
/// two-letter code keeps its three letters; what is no code becomes "und".
std::string languageTag(std::string_view code);

/// The three-letter ISO 639-2/T code that boxes and descriptors hold: "en" and "en-GB" to "eng". "und" when unknown.
std::string languageCode(std::string_view tag);

}  // namespace playhouse::streaming
