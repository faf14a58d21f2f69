#include "Secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>

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

/// As a reader of URLs takes it (RFC 3986 section 2.1), so that no letter of a name hides what it is.
std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t index = 0; index < text.size(); ++index) {
        unsigned value = 0;
        const auto* digits = text.data() + index + 1;
        const bool isEncoded = text[index] == '%' && index + 2 < text.size() &&
                               std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
        plain += isEncoded ? static_cast<char>(value) : text[index];
        if (isEncoded) index += 2;
    }
    return plain;
}

/// Such as ?sslpassword=...&sslmode=require.
std::string queryWithoutSecrets(std::string_view query) {
    std::string shown;
    while (!query.empty()) {
        const auto end = std::min(query.find('&', 1), query.size());
        const auto part = query.substr(0, end);
        query.remove_prefix(end);
        const auto equals = part.find('=');
        const bool hide = equals != std::string_view::npos && speaksOfASecret(decoded(part.substr(0, equals)));
        shown += hide ? std::string(part.substr(0, equals + 1)) + std::string(mask) : std::string(part);
    }
    return shown;
}

}  // namespace

std::string withoutSecrets(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    if (speaksOfASecret(name)) return std::string(mask);
    // scheme://user:password@host?query (RFC 3986 section 3.2.1). The last "@" counts: an unescaped one may stand in a
    // password.
    const auto scheme = value.find("://");
    if (scheme == std::string_view::npos) return std::string(value);
    const auto authority = scheme + 3;
    const auto at = value.rfind('@');
    const auto colon = value.find(':', authority);
    const bool hasPassword =
        at != std::string_view::npos && at >= authority && colon != std::string_view::npos && colon <= at;
    const auto rest = hasPassword ? value.substr(at) : value;
    const auto query = std::min(rest.find('?'), rest.size());
    return (hasPassword ? std::string(value.substr(0, colon + 1)) + std::string(mask) : std::string()) +
           std::string(rest.substr(0, query)) + queryWithoutSecrets(rest.substr(query));
}

}  // namespace playhouse::host
