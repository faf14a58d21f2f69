#pragma once

#include <string>

namespace playhouse {

/// `text` with every byte that belongs to no UTF-8 sequence (RFC 3629 section 4) replaced by U+FFFD. File names, and
/// what clients send, may be any bytes; JSON and logs may not. Any thread.
std::string asUtf8(std::string text);

}  // namespace playhouse
