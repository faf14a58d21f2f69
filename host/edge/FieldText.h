#pragma once

#include <string_view>

namespace playhouse::host {

/// Digits of ASCII, and at least one.
bool isAllDigits(std::string_view text);

/// `text` without the optional white space around a field's value or a list's element (RFC 9110 section 5.6.3).
std::string_view trimmed(std::string_view text);

}  // namespace playhouse::host
