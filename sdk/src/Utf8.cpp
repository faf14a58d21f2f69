#include <playhouse/Utf8.h>

#include <cstddef>
#include <string_view>

namespace playhouse {
namespace {

/// Bytes of the sequence that `text` begins with (RFC 3629 section 4); 0 when it begins with none.
std::size_t sequenceLength(std::string_view text) noexcept {
    const auto isBetween = [text](std::size_t index, unsigned least, unsigned most) {
        if (index >= text.size()) return false;
        const auto byte = static_cast<unsigned char>(text[index]);
        return byte >= least && byte <= most;
    };
    const auto continues = [&](std::size_t index) { return isBetween(index, 0x80, 0xbf); };
    if (isBetween(0, 0x00, 0x7f)) return 1;
    if (isBetween(0, 0xc2, 0xdf)) return continues(1) ? 2 : 0;
    if (isBetween(0, 0xe0, 0xef)) {
        // No shorter form (E0 80..9F) and no surrogate (ED A0..BF).
        const unsigned least = isBetween(0, 0xe0, 0xe0) ? 0xa0 : 0x80;
        const unsigned most = isBetween(0, 0xed, 0xed) ? 0x9f : 0xbf;
        return isBetween(1, least, most) && continues(2) ? 3 : 0;
    }
    if (isBetween(0, 0xf0, 0xf4)) {
        // No shorter form (F0 80..8F) and nothing above U+10FFFF (F4 90..BF).
        const unsigned least = isBetween(0, 0xf0, 0xf0) ? 0x90 : 0x80;
        const unsigned most = isBetween(0, 0xf4, 0xf4) ? 0x8f : 0xbf;
        return isBetween(1, least, most) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

/// `text` without the UTF-8 that it begins with.
std::string_view afterValidPart(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto length = sequenceLength(text);
        if (length == 0) break;
        text.remove_prefix(length);
    }
    return text;
}

}  // namespace

bool isUtf8(std::string_view text) noexcept {
    return afterValidPart(text).empty();
}

std::string asUtf8(std::string text) {
    auto rest = afterValidPart(text);
    if (rest.empty()) return text;
    std::string valid(text, 0, text.size() - rest.size());
    while (!rest.empty()) {
        const auto length = sequenceLength(rest);
        if (length == 0)
            valid += "\xef\xbf\xbd";
        else
            valid += rest.substr(0, length);
        rest.remove_prefix(length == 0 ? 1 : length);
    }
    return valid;
}

}  // namespace playhouse
