#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace playhouse::host {

struct ByteRange {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    bool operator==(const ByteRange&) const = default;
};

struct RangeSelection {
    enum class Kind {
        Whole,          ///< the header is to be ignored: malformed, another unit, or abusive
        Parts,          ///< `ranges` are to be sent
        Unsatisfiable,  ///< 416: valid, but nothing of it is there
    };
    Kind kind = Kind::Whole;
    std::vector<ByteRange> ranges;
};

/// Reads a Range header (RFC 9110 section 14.2) against a representation of `size` bytes. Overlapping and adjacent
/// ranges are joined, in the order asked for; more than `most` of them are ignored altogether.
RangeSelection selectRanges(std::string_view header, std::uint64_t size, std::size_t most = 32);

}  // namespace playhouse::host
