#include "Invariant.h"
#include "edge/ByteRanges.h"
#include "edge/Conditionals.h"

#include <charconv>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

// The first line is the size of a representation, the second a Range header, the third a method; then follow fields of
// the request, and behind ">" those of the response.

namespace {

using namespace playhouse;
using namespace playhouse::host;
using fuzz::require;

std::string_view takeLine(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

void checkRanges(std::string_view header, std::uint64_t size) {
    const auto selection = selectRanges(header, size);
    require(selection.ranges.empty() == (selection.kind != RangeSelection::Kind::Parts), "only parts have ranges");
    std::map<std::uint64_t, std::uint64_t> byOffset;
    for (const auto& range : selection.ranges) {
        require(range.size > 0 && range.offset < size && range.size <= size - range.offset, "a range lies inside");
        require(byOffset.emplace(range.offset, range.size).second, "no range begins where another does");
    }
    require(byOffset.size() <= 32, "there are not too many ranges");
    std::uint64_t free = 0;
    for (const auto& [offset, length] : byOffset) {
        require(offset >= free, "ranges neither overlap nor touch");
        free = offset + length + 1;
    }
    if (header.find(',') == std::string_view::npos) require(byOffset.size() <= 1, "one range makes one part");
}

void checkDate(std::string_view text) {
    const auto time = parseHttpDate(text);
    if (!time) return;
    const auto again = parseHttpDate(httpDate(*time));
    require(again == time, "a date that was read is written so that it is read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t dataSize) {
    if (dataSize > 1024) return -1;
    std::string_view text(reinterpret_cast<const char*>(data), dataSize);
    const auto sizeText = takeLine(text);
    std::uint64_t size = 0;
    std::from_chars(sizeText.data(), sizeText.data() + sizeText.size(), size);
    const auto range = takeLine(text);
    checkRanges(range, size);
    checkDate(range);

    RequestParts parts;
    const auto method = takeLine(text);
    parts.method = method == "HEAD" ? Method::Head : method == "PUT" ? Method::Put : Method::Get;
    Headers response;
    while (!text.empty()) {
        auto line = takeLine(text);
        const bool isResponse = line.starts_with('>');
        if (isResponse) line.remove_prefix(1);
        const auto colon = std::min(line.find(':'), line.size());
        const auto value = line.substr(std::min(line.size(), colon + 1));
        checkDate(value);
        try {
            (isResponse ? response : parts.headers).add(line.substr(0, colon), value);
        } catch (const std::invalid_argument&) {
            // The parser would have refused it.
        }
    }
    const Request request(std::move(parts));
    const auto outcome = evaluatePreconditions(request, response);
    if (outcome == Precondition::NotModified) require(request.method() != Method::Put, "a write is never unmodified");
    if (request.headers().empty()) require(outcome == Precondition::Proceed, "nothing asked, nothing refused");
    if (rangeIsCurrent(request, response) && request.header("If-Range"))
        require(response.contains("ETag") || response.contains("Last-Modified"), "If-Range needs a validator");
    return 0;
}
