#pragma once

#include <string>
#include <string_view>

namespace playhouse::streaming {

/// What a person reads in a player's menu for a BCP 47 tag: the language's own name ("Deutsch", "Português (BR)"), or
/// the tag itself when its language is not known here.
std::string languageName(std::string_view tag);

/// Whether `tag` has the shape of a BCP 47 tag: letters, then subtags of letters and digits, joined by "-".
bool isLanguageTag(std::string_view tag) noexcept;

}  // namespace playhouse::streaming
