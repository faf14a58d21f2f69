#include "RequestParser.h"

#include "FieldText.h"
#include "HeadScanner.h"
#include "RequestMessage.h"

#include <algorithm>
#include <optional>

namespace playhouse::host {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

/// What Beast takes for a bad version may be any damage to the request line.
bool namesAnotherVersion(std::string_view line) {
    const auto version = line.substr(line.rfind(' ') + 1);
    return std::count(line.begin(), line.end(), ' ') == 2 &&
           version.size() == std::string_view("HTTP/x.x\r\n").size() && version.starts_with("HTTP/") &&
           isAllDigits(version.substr(5, 1)) && version[6] == '.' && isAllDigits(version.substr(7, 1));
}

/// The line before a chunk's data, from `begin` of `input` on, with what comes before it. Empty when it is
/// not there yet, or is the last chunk's, which Beast reads together with the trailer fields. Beast is to see no more
/// than the line: it would look for the end of a quoted text beyond it, and count the chunk's size each time.
std::string_view wholeChunkHeader(std::string_view input, std::size_t begin) {
    const auto end = input.find("\r\n", begin);
    if (end == std::string_view::npos) return {};
    const auto digit = input.find_first_not_of('0', begin);
    const bool isLast = digit > begin && std::string_view("\r; \t").find(input[digit]) != std::string_view::npos;
    return isLast ? std::string_view() : input.substr(0, end + 2);
}

RequestFault faultOf(const error_code& error, const RequestLimits& limits, std::uint64_t bodyLimit) {
    if (error == http::error::header_limit)
        return {431, "REQUEST_HEADER_FIELDS_TOO_LARGE",
                "A chunk's header, or the trailer fields, are larger than " + std::to_string(limits.headerSize) +
                    " bytes."};
    if (error == http::error::body_limit)
        return {413, "PAYLOAD_TOO_LARGE",
                "The body is larger than the " + std::to_string(bodyLimit) + " bytes that are accepted here."};
    return {400, "BAD_REQUEST", "The request is malformed: " + error.message() + "."};
}

}  // namespace

class RequestParser::Parser {
public:
    void begin(const RequestLimits& limits, RequestParts& parts) {
        limits_ = limits;
        fault_ = {};
        headSeen_ = false;
        bodyLimit_ = 0;
        // A refusal may come before there is a method, and is not to be taken for an answer to the last request's.
        parts.method = Method::Get;
        scanner_.emplace(limits);
        message_.emplace(limits, parts, fault_);
    }

    Progress feed(std::string_view input, std::size_t& consumed) {
        while (true) {
            if (headSeen_ && message_->is_done()) return Progress::Complete;
            if (input.empty()) return Progress::NeedMore;
            const auto begin = consumed;
            const auto progress = headSeen_ ? feedBody(input, consumed) : feedHead(input, consumed);
            if (progress) return *progress;
            input.remove_prefix(consumed - begin);
        }
    }

    /// Gives Beast the request line, and then all fields, only when they are whole: nothing when there is more to do.
    std::optional<Progress> feedHead(std::string_view input, std::size_t& consumed) {
        const auto found = scanner_->scan(input);
        if (found == HeadScanner::Progress::NeedMore) return Progress::NeedMore;
        if (found == HeadScanner::Progress::Failed) {
            fault_ = scanner_->fault();
            return Progress::Failed;
        }
        const auto part = input.substr(0, scanner_->size());
        error_code error;
        consumed += message_->put(boost::asio::buffer(part.data(), part.size()), error);
        if (found == HeadScanner::Progress::RequestLine) {
            if (error == http::error::need_more) return std::nullopt;
            if (error == http::error::bad_version && namesAnotherVersion(part))
                fault_ = {505, "HTTP_VERSION_NOT_SUPPORTED", "This server speaks HTTP/1.1."};
            return failFor(error);
        }
        if (error) return failFor(error);
        headSeen_ = true;
        return message_->is_done() ? Progress::Complete : Progress::HeadComplete;
    }

    std::optional<Progress> feedBody(std::string_view input, std::size_t& consumed) {
        const bool isBetweenChunks = message_->isBetweenChunks();
        bool isWholeChunkHeader = false;
        if (isBetweenChunks) {
            // Beast asserts that a last chunk it looks at twice has at least five bytes: "0", CRLF, CRLF.
            if (input.front() == '0' && input.size() < 5) return Progress::NeedMore;
            input = input.substr(0, limits_.headerSize);
            const std::size_t begin = message_->expectsDataEnd() ? 2 : 0;
            if (input.size() < begin) return Progress::NeedMore;
            if (begin != 0 && !input.starts_with("\r\n")) return failFor(http::error::bad_chunk);
            if (const auto feed = input.find('\n', begin);
                feed != std::string_view::npos && (feed == 0 || input[feed - 1] != '\r'))
                return failFor(http::error::bad_line_ending);
            if (const auto header = wholeChunkHeader(input, begin); !header.empty()) {
                input = header;
                isWholeChunkHeader = true;
            }
        }
        error_code error;
        consumed += message_->put(boost::asio::buffer(input.data(), input.size()), error);
        if (error == http::error::need_more) {
            if (isWholeChunkHeader) return failFor(http::error::bad_chunk_extension);
            if (isBetweenChunks && input.size() >= limits_.headerSize) return failFor(http::error::header_limit);
            return Progress::NeedMore;
        }
        if (error) return failFor(error);
        return std::nullopt;
    }

    Progress failFor(const error_code& error) {
        if (fault_.status == 0) fault_ = faultOf(error, limits_, bodyLimit_);
        return Progress::Failed;
    }

    bool allowBody(std::uint64_t size) {
        bodyLimit_ = size;
        const auto announced = message_->content_length();
        if (announced && *announced > size) {
            fault_ = faultOf(http::error::body_limit, limits_, bodyLimit_);
            return false;
        }
        message_->body_limit(size);
        return true;
    }

    std::optional<HeadScanner> scanner_;
    std::optional<RequestMessage> message_;
    RequestFault fault_;
    RequestLimits limits_;
    std::uint64_t bodyLimit_ = 0;
    bool headSeen_ = false;
};

RequestParser::RequestParser() : parser_(std::make_unique<Parser>()) {}

RequestParser::~RequestParser() = default;

void RequestParser::begin(const RequestLimits& limits, RequestParts& parts) {
    parser_->begin(limits, parts);
}

RequestParser::Progress RequestParser::feed(std::string_view input, std::size_t& consumed) {
    return parser_->feed(input, consumed);
}

bool RequestParser::allowBody(std::uint64_t size) {
    return parser_->allowBody(size);
}

const RequestFault& RequestParser::fault() const noexcept {
    return parser_->fault_;
}

bool RequestParser::keepsAlive() const noexcept {
    return parser_->message_ && parser_->message_->is_header_done() && parser_->message_->keep_alive();
}

bool RequestParser::isHttp10() const noexcept {
    return parser_->message_ && parser_->message_->isHttp10();
}

bool RequestParser::expectsContinue() const noexcept {
    return parser_->message_ && parser_->message_->expectsContinue();
}

bool RequestParser::hasAuthorization() const noexcept {
    return parser_->message_ && parser_->message_->hasAuthorization();
}

}  // namespace playhouse::host
