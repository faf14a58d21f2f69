#include "ByteRanges.h"

#include "FieldText.h"

#include <playhouse/Headers.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace playhouse::host {
namespace {

/// Digits alone; a number too large for 64 bits stands for the largest.
std::optional<std::uint64_t> parsePosition(std::string_view text) {
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() ? number : UINT64_MAX;
}

/// Adds a range where the first of those stands that it overlaps or touches, which may be several.
void addJoined(std::vector<ByteRange>& ranges, ByteRange added) {
    const auto touches = [&added](const ByteRange& range) {
        return added.offset <= range.offset + range.size && range.offset <= added.offset + added.size;
    };
    const auto first = std::find_if(ranges.begin(), ranges.end(), touches);
    const auto place = first - ranges.begin();
    for (auto next = first; next != ranges.end(); next = std::find_if(ranges.begin() + place, ranges.end(), touches)) {
        const auto end = std::max(next->offset + next->size, added.offset + added.size);
        added.offset = std::min(next->offset, added.offset);
        added.size = end - added.offset;
        ranges.erase(next);
    }
    ranges.insert(ranges.begin() + place, added);
}

}  // namespace

RangeSelection selectRanges(std::string_view header, std::uint64_t size, std::size_t most) {
    const auto equals = header.find('=');
    if (equals == std::string_view::npos || !equalsIgnoreCase(trimmed(header.substr(0, equals)), "bytes")) return {};
    auto rest = header.substr(equals + 1);
    RangeSelection selection;
    std::size_t count = 0;
    while (!rest.empty()) {
        const auto specification = trimmed(rest.substr(0, rest.find(',')));
        rest.remove_prefix(
            std::min(rest.size(), rest.find(',') == std::string_view::npos ? rest.size() : rest.find(',') + 1));
        if (specification.empty()) continue;
        if (++count > most) return {};
        const auto dash = specification.find('-');
        if (dash == std::string_view::npos) return {};
        const auto first = trimmed(specification.substr(0, dash));
        const auto last = trimmed(specification.substr(dash + 1));
        if (first.empty()) {
            const auto suffix = parsePosition(last);
            if (!suffix) return {};
            const auto taken = std::min(*suffix, size);
            if (taken > 0) addJoined(selection.ranges, {size - taken, taken});
            continue;
        }
        const auto begin = parsePosition(first);
        const auto end = last.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : parsePosition(last);
        if (!begin || !end || *end < *begin) return {};
        if (*begin >= size) continue;
        addJoined(selection.ranges, {*begin, std::min(*end, size - 1) - *begin + 1});
    }
    if (count == 0) return {};
    selection.kind = selection.ranges.empty() ? RangeSelection::Kind::Unsatisfiable : RangeSelection::Kind::Parts;
    return selection;
}

}  // namespace playhouse::host
