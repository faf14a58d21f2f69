#include "BearerToken.h"

#include "FieldText.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace playhouse::host {
namespace {

constexpr std::string_view scheme = "Bearer";
constexpr std::string_view parameter = "access_token";

/// RFC 6750 section 2.1: b64token.
bool isToken(std::string_view text) {
    const auto end = text.find_last_not_of('=');
    return end != std::string_view::npos &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1, [](char letter) {
               return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                      (letter >= '0' && letter <= '9') || std::string_view("-._~+/").find(letter) != std::string::npos;
           });
}

BearerToken tokenOf(std::string_view text) {
    if (!isToken(text)) return {BearerToken::Kind::Malformed, {}};
    return {BearerToken::Kind::Token, std::string(text)};
}

/// Another one beside `first` makes both worthless.
BearerToken joined(BearerToken first, BearerToken second) {
    if (first.kind == BearerToken::Kind::None) return second;
    if (second.kind == BearerToken::Kind::None) return first;
    return {BearerToken::Kind::Malformed, {}};
}

}  // namespace

BearerToken bearerTokenOf(const Headers& headers) {
    std::size_t fields = 0;
    std::string_view value;
    for (std::size_t index = 0; index < headers.size(); ++index) {
        const auto field = headers.at(index);
        if (!equalsIgnoreCase(field.name, "Authorization")) continue;
        ++fields;
        value = field.value;
    }
    if (fields == 0) return {};
    if (fields > 1) return {BearerToken::Kind::Malformed, {}};
    const auto space = value.find(' ');
    if (!equalsIgnoreCase(value.substr(0, space), scheme)) return {};
    return tokenOf(space == std::string_view::npos ? std::string_view() : trimmed(value.substr(space)));
}

BearerToken takeBearerToken(RequestParts& parts) {
    auto found = bearerTokenOf(parts.headers);
    const auto mark = parts.target.find('?');
    if (mark == std::string::npos) return found;
    const std::string_view query = std::string_view(parts.target).substr(mark + 1);
    std::string shown;
    auto rest = query;
    while (true) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && percentDecoded(pair.substr(0, equals), true) == parameter) {
            found = joined(std::move(found), tokenOf(percentDecoded(pair.substr(equals + 1), true).value_or("")));
            shown.append(parameter).append("=***");
        } else {
            shown.append(pair);
        }
        if (end == std::string_view::npos) break;
        shown += '&';
        rest.remove_prefix(end + 1);
    }
    if (shown != query) parts.target.replace(mark + 1, std::string::npos, shown);
    return found;
}

}  // namespace playhouse::host
