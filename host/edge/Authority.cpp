#include "Authority.h"

#include <algorithm>

namespace playhouse::host {
namespace {

bool isAlphanumeric(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

bool holdsOnly(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](char letter) {
        return isAlphanumeric(letter) || others.find(letter) != std::string_view::npos;
    });
}

bool isPort(std::string_view text) {
    return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool isAuthority(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos || close == 1 || !holdsOnly(text.substr(1, close - 1), ":.-_~%"))
            return false;
        const auto after = text.substr(close + 1);
        return after.empty() || (after.front() == ':' && isPort(after.substr(1)));
    }
    const auto colon = text.find(':');
    return holdsOnly(text.substr(0, colon), "-._~%!$&'()*+,;=") &&
           (colon == std::string_view::npos || isPort(text.substr(colon + 1)));
}

}  // namespace playhouse::host
