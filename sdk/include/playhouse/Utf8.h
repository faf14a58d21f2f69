#pragma once

#include <string>
#include <string_view>

namespace playhouse {

/// `text` with every byte that belongs to no UTF-8 sequence (RFC 3629 section 4) replaced by U+FFFD. File names, and
/// what clients send, may be any bytes; JSON and logs may not. Any thread.
std::string asUtf8(std::string text);

/// Whether `text` is UTF-8 (RFC 3629) throughout. Any thread.
bool isUtf8(std::string_view text) noexcept;

}  // namespace playhouse
