#pragma once

#include <string>
#include <string_view>

namespace playhouse::watch {

/// `text` such that an HTML parser reads exactly it, in element content and in a quoted attribute value alike
/// (HTML Living Standard, section 13.3, "escaping a string"). What is not UTF-8 is passed through as it is.
std::string escapedHtml(std::string_view text);

}  // namespace playhouse::watch
