#include "ForwardedHeaders.h"

#include "Authority.h"
#include "FieldText.h"
#include "Peer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {
namespace {

constexpr std::string_view family = "X-Forwarded-";

bool isForwarding(std::string_view name) {
    return equalsIgnoreCase(name.substr(0, family.size()), family) || equalsIgnoreCase(name, "Forwarded") ||
           equalsIgnoreCase(name, "X-Real-IP");
}

/// What stands between separators outside of quoted text (RFC 9110 section 5.6.4).
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    bool isQuoted = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') isQuoted = !isQuoted;
        if (isQuoted && text[at] == '\\') ++at;
        if (isQuoted || at >= text.size() || text[at] != separator) continue;
        parts.push_back(trimmed(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    parts.push_back(trimmed(text.substr(begin)));
    return parts;
}

/// The elements of a list over all fields of this name, in their order.
std::vector<std::string_view> elements(const Headers& headers, std::string_view name) {
    std::vector<std::string_view> all;
    for (std::size_t index = 0; index < headers.size(); ++index)
        if (equalsIgnoreCase(headers.at(index).name, name))
            for (const auto element : split(headers.at(index).value, ',')) all.push_back(element);
    return all;
}

/// The address in "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or "[2001:db8::1]:4711".
std::optional<std::string> addressOf(std::string_view text) {
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(std::string(text), error);
    return error ? std::nullopt : std::optional(textOf(address));
}

std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string plain;
    for (std::size_t at = 1; at + 1 < text.size(); ++at) {
        if (text[at] == '\\' && at + 2 < text.size()) ++at;
        plain += text[at];
    }
    return plain;
}

/// What proxies say, each list with the nearest proxy's word last.
struct Claims {
    std::vector<std::string> clients;
    std::vector<std::string> schemes;
    std::vector<std::string> hosts;
};

Claims claimsOfXForwarded(const Headers& headers) {
    const auto all = [&](std::string_view name) {
        const auto views = elements(headers, name);
        return std::vector<std::string>(views.begin(), views.end());
    };
    return {all("X-Forwarded-For"), all("X-Forwarded-Proto"), all("X-Forwarded-Host")};
}

Claims claimsOfForwarded(const Headers& headers) {
    Claims claims;
    for (const auto element : elements(headers, "Forwarded")) {
        auto& client = claims.clients.emplace_back();
        auto& scheme = claims.schemes.emplace_back();
        auto& host = claims.hosts.emplace_back();
        for (const auto pair : split(element, ';')) {
            const auto equals = pair.find('=');
            if (equals == std::string_view::npos) continue;
            const auto name = pair.substr(0, equals);
            auto value = unquoted(pair.substr(equals + 1));
            if (equalsIgnoreCase(name, "for"))
                client = std::move(value);
            else if (equalsIgnoreCase(name, "proto"))
                scheme = std::move(value);
            else if (equalsIgnoreCase(name, "host"))
                host = std::move(value);
        }
    }
    return claims;
}

/// The word of the proxy `hops` before the nearest; of the farthest there is when fewer have spoken.
std::string_view wordOf(const std::vector<std::string>& words, std::size_t hops) {
    return words.empty() ? std::string_view() : words[words.size() - 1 - std::min(hops, words.size() - 1)];
}

void believe(RequestParts& parts, const Claims& claims, const TrustedProxies& trusted) {
    std::size_t hops = 0;
    for (auto client = claims.clients.rbegin(); client != claims.clients.rend(); ++client) {
        auto address = addressOf(*client);
        // "unknown", or an obfuscated name (RFC 7239 section 6): the proxy before is the last that is known.
        if (!address) break;
        hops = static_cast<std::size_t>(client - claims.clients.rbegin());
        parts.clientAddress = std::move(*address);
        if (!trusted.contains(parts.clientAddress)) break;
    }
    const auto scheme = wordOf(claims.schemes, hops);
    // Some proxies name a WebSocket's own scheme.
    if (equalsIgnoreCase(scheme, "https") || equalsIgnoreCase(scheme, "wss")) parts.scheme = "https";
    if (equalsIgnoreCase(scheme, "http") || equalsIgnoreCase(scheme, "ws")) parts.scheme = "http";
    if (const auto host = wordOf(claims.hosts, hops); !host.empty() && isAuthority(host))
        parts.headers.set("Host", host);
}

}  // namespace

void takeForwarded(RequestParts& parts, const ProxySettings& proxies, bool isTrusted) {
    auto& headers = parts.headers;
    std::vector<std::string> names;
    for (std::size_t index = 0; index < headers.size(); ++index)
        if (isForwarding(headers.at(index).name)) names.emplace_back(headers.at(index).name);
    if (names.empty()) return;
    if (isTrusted)
        believe(parts,
                proxies.header == ProxySettings::Header::Forwarded ? claimsOfForwarded(headers)
                                                                   : claimsOfXForwarded(headers),
                proxies.trusted);
    for (const auto& name : names) headers.remove(name);
}

}  // namespace playhouse::host
