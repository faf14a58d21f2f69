#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// `bytes` in base64url without padding (RFC 7515 section 2).
std::string base64UrlEncoded(std::string_view bytes);

/// The bytes that `text` stands for; nothing when it is not what base64UrlEncoded() would make of them.
std::optional<std::string> base64UrlDecoded(std::string_view text);

}  // namespace playhouse::host
