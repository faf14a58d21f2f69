#include <playhouse/ApiError.h>
#include <playhouse/Json.h>
#include <playhouse/Request.h>
#include <playhouse/Settings.h>

#include <stdexcept>

namespace playhouse {
namespace {

constexpr std::size_t mostDepth = 64;

int hexValue(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

bool isJson(std::string_view contentType) noexcept {
    const auto mediaType = contentType.substr(0, contentType.find(';'));
    const auto end = mediaType.find_last_not_of(" \t");
    const auto trimmed = mediaType.substr(0, end == std::string_view::npos ? 0 : end + 1);
    constexpr std::string_view suffix = "+json";
    return equalsIgnoreCase(trimmed, "application/json") ||
           (trimmed.size() > suffix.size() && equalsIgnoreCase(trimmed.substr(trimmed.size() - suffix.size()), suffix));
}

}  // namespace

std::string_view toString(Method method) noexcept {
    switch (method) {
        case Method::Get:
            return "GET";
        case Method::Head:
            return "HEAD";
        case Method::Post:
            return "POST";
        case Method::Put:
            return "PUT";
        case Method::Patch:
            return "PATCH";
        case Method::Delete:
            return "DELETE";
        case Method::Options:
            return "OPTIONS";
    }
    return "";
}

std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plusIsSpace) {
            decoded += ' ';
        } else if (text[at] != '%') {
            decoded += text[at];
        } else {
            if (at + 2 >= text.size()) return std::nullopt;
            const int high = hexValue(text[at + 1]);
            const int low = hexValue(text[at + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            at += 2;
        }
    }
    return decoded;
}

const std::string& Request::pathParameter(std::string_view name) const {
    for (const auto& [key, value] : parts_.pathParameters)
        if (key == name) return value;
    throw std::logic_error("the route has no path parameter \"" + std::string(name) + "\"");
}

const Identity& Request::user() const {
    if (!parts_.identity) throw std::logic_error("nobody is known to ask at " + parts_.path);
    return *parts_.identity;
}

std::string_view Request::queryString() const noexcept {
    const std::string_view target(parts_.target);
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::optional<std::string> Request::query(std::string_view name) const {
    auto rest = queryString();
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (percentDecoded(pair.substr(0, equals), true) != name) continue;
        if (equals == std::string_view::npos) return std::string();
        auto value = percentDecoded(pair.substr(equals + 1), true);
        if (!value)
            throw ApiError::invalidParameter(
                std::string(name), "The query parameter \"" + std::string(name) + "\" is not valid percent-encoding.");
        return value;
    }
    return std::nullopt;
}

std::optional<long long> Request::queryInteger(std::string_view name, long long least, long long most) const {
    const auto text = query(name);
    if (!text) return std::nullopt;
    try {
        return parseInteger(*text, least, most);
    } catch (const std::invalid_argument& problem) {
        throw ApiError::invalidParameter(
            std::string(name), "The query parameter \"" + std::string(name) + "\" is " + problem.what() + ".");
    }
}

boost::json::value Request::json() const {
    const auto contentType = header("Content-Type");
    if (contentType && !isJson(*contentType))
        throw ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The body is to be JSON, with Content-Type: application/json.");
    std::string problem;
    auto value = parseJson(parts_.body, mostDepth, &problem);
    if (!value) throw ApiError(400, "INVALID_JSON", "The body is not valid JSON: " + problem + ".");
    return *std::move(value);
}

}  // namespace playhouse
