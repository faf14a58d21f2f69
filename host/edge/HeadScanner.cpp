#include "HeadScanner.h"

#include <algorithm>

namespace playhouse::host {
namespace {

/// Longer than any method there is (RFC 9112 section 3 asks for 501 then).
constexpr std::size_t longestMethod = 32;

bool isTokenCharacter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
}

bool isControl(char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return (code < 0x20 && letter != '\t') || code == 0x7f;
}

}  // namespace

HeadScanner::Progress HeadScanner::fail(int status, const char* code, std::string message) {
    fault_ = {status, code, std::move(message)};
    return Progress::Failed;
}

HeadScanner::Progress HeadScanner::failForSize() {
    if (found_ == 0)
        return fail(414, "URI_TOO_LONG",
                    "The request line is longer than " + std::to_string(limits_.headerSize) + " bytes.");
    return fail(431, "REQUEST_HEADER_FIELDS_TOO_LARGE",
                "The request's head is larger than " + std::to_string(limits_.headerSize) + " bytes.");
}

/// Bytes that are no HTTP at all, such as a TLS handshake, are known by their first: nobody need wait for a line's end.
bool HeadScanner::methodIsPlausible(std::string_view input) {
    const auto size = std::min(input.size(), longestMethod + 1);
    for (std::size_t at = 0; at < size; ++at) {
        if (isTokenCharacter(input[at])) continue;
        if (input[at] == ' ' && at > 0) return true;
        fail(400, "BAD_REQUEST", "The request does not begin with a method.");
        return false;
    }
    if (size <= longestMethod) return true;
    fail(501, "NOT_IMPLEMENTED", "The method is longer than any that this server knows.");
    return false;
}

bool HeadScanner::checkLine(std::string_view line) {
    if (!line.ends_with("\r\n")) {
        fail(400, "BAD_REQUEST", "A line of the request ends in LF without CR.");
        return false;
    }
    line.remove_suffix(2);
    if (std::any_of(line.begin(), line.end(), isControl)) {
        fail(400, "BAD_REQUEST", "A line of the request holds a control character.");
        return false;
    }
    if (found_ != 0 && (line.starts_with(' ') || line.starts_with('\t'))) {
        fail(400, "BAD_REQUEST", "A header is folded over several lines, or a space comes before its name.");
        return false;
    }
    return true;
}

HeadScanner::Progress HeadScanner::scan(std::string_view input) {
    if (found_ == 0 && !methodIsPlausible(input)) return Progress::Failed;
    while (true) {
        const auto feed = input.find('\n', scanned_);
        const auto end = feed == std::string_view::npos ? input.size() : feed + 1;
        if (end > limits_.headerSize - found_) return failForSize();
        scanned_ = end;
        if (feed == std::string_view::npos) return Progress::NeedMore;
        const auto line = input.substr(line_, end - line_);
        if (!checkLine(line)) return Progress::Failed;
        line_ = end;
        if (found_ != 0 && line.size() > 2) continue;
        size_ = end;
        line_ = 0;
        scanned_ = 0;
        if (found_ != 0) return Progress::Fields;
        found_ = end;
        return Progress::RequestLine;
    }
}

}  // namespace playhouse::host
