#include "Secrets.h"

#include <array>
#include <cctype>

namespace playhouse::host {
namespace {

constexpr std::string_view mask = "********";

bool speaksOfASecret(std::string_view name) {
    std::string lower;
    for (const auto letter : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    for (const std::string_view word : std::array{"secret", "password", "passphrase", "token", "private-key"})
        if (lower.find(word) != std::string::npos) return true;
    return false;
}

}  // namespace

std::string withoutSecrets(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    if (speaksOfASecret(name)) return std::string(mask);
    // scheme://user:password@host (RFC 3986 section 3.2.1). The last "@" counts: an unescaped one may stand in a
    // password.
    const auto scheme = value.find("://");
    if (scheme == std::string_view::npos) return std::string(value);
    const auto authority = scheme + 3;
    const auto at = value.rfind('@');
    const auto colon = value.find(':', authority);
    if (at == std::string_view::npos || at < authority || colon == std::string_view::npos || colon > at)
        return std::string(value);
    return std::string(value.substr(0, colon + 1)) + std::string(mask) + std::string(value.substr(at));
}

}  // namespace playhouse::host
