#include "Secrets.h"

#include <algorithm>
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

/// Such as ?sslpassword=...&sslmode=require.
std::string queryWithoutSecrets(std::string_view query) {
    std::string shown;
    while (!query.empty()) {
        const auto end = std::min(query.find('&', 1), query.size());
        const auto part = query.substr(0, end);
        query.remove_prefix(end);
        const auto equals = part.find('=');
        const bool hide = equals != std::string_view::npos && speaksOfASecret(part.substr(0, equals));
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
