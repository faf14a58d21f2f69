#include "RequestParser.h"

#include "Authority.h"
#include "HeadScanner.h"
#include "TargetPath.h"

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <optional>

namespace playhouse::host {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string_view std_view(string_view text) {
    return {text.data(), text.size()};
}

std::optional<Method> methodOf(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::Get;
        case http::verb::head:
            return Method::Head;
        case http::verb::post:
            return Method::Post;
        case http::verb::put:
            return Method::Put;
        case http::verb::patch:
            return Method::Patch;
        case http::verb::delete_:
            return Method::Delete;
        case http::verb::options:
            return Method::Options;
        default:
            return std::nullopt;
    }
}

bool isAllDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What Beast takes for a bad version may be any damage to the request line.
bool namesAnotherVersion(std::string_view line) {
    const auto version = line.substr(line.rfind(' ') + 1);
    return std::count(line.begin(), line.end(), ' ') == 2 &&
           version.size() == std::string_view("HTTP/x.x\r\n").size() && version.starts_with("HTTP/") &&
           isAllDigits(version.substr(5, 1)) && version[6] == '.' && isAllDigits(version.substr(7, 1));
}

/// Receives what Beast reads and writes it into the request.
class MessageParser final : public http::basic_parser<true> {
public:
    MessageParser(const RequestLimits& limits, RequestParts& parts, RequestFault& fault)
        : limits_(limits), parts_(parts), fault_(fault) {
        header_limit(static_cast<std::uint32_t>(limits.headerSize));
        body_limit(boost::none);
        eager(false);
    }

    bool expectsContinue() const noexcept { return expectsContinue_; }
    bool isHttp10() const noexcept { return isHttp10_; }

    /// Whether a chunk's header, or the last one with the trailer fields, comes next.
    bool isBetweenChunks() const { return chunked() && chunkLeft_ == 0 && !is_done(); }

private:
    void refuse(error_code& error, int status, const char* code, std::string message) {
        fault_ = {status, code, std::move(message)};
        error = http::error::bad_target;
    }

    void on_request_impl(http::verb verb, string_view methodText, string_view target, int version,
                         error_code& error) override {
        isHttp10_ = version == 10;
        if (version != 10 && version != 11)
            return refuse(error, 505, "HTTP_VERSION_NOT_SUPPORTED", "This server speaks HTTP/1.1.");
        const auto method = methodOf(verb);
        if (!method)
            return refuse(error, 501, "NOT_IMPLEMENTED",
                          "The method " + std::string(std_view(methodText)) + " is not one this server knows.");
        if (target.size() > limits_.targetSize)
            return refuse(error, 414, "URI_TOO_LONG",
                          "The request target is longer than " + std::to_string(limits_.targetSize) + " bytes.");
        parts_.method = *method;
        if (!splitTarget(std_view(target), parts_))
            return refuse(error, 400, "BAD_REQUEST", "The request target is not a valid path.");
        if (parts_.path == "*" && *method != Method::Options)
            return refuse(error, 400, "BAD_REQUEST", "The target \"*\" is for OPTIONS alone.");
        if (const auto authority = targetAuthority(std_view(target))) {
            if (authority->empty() || !isAuthority(*authority))
                return refuse(error, 400, "BAD_REQUEST", "The request target does not name a host.");
            authority_ = *authority;
        }
    }

    void on_response_impl(int, string_view, int, error_code& error) override { error = http::error::bad_method; }

    void on_field_impl(http::field name, string_view nameText, string_view value, error_code& error) override {
        if (headIsDone_) return onTrailer(name, nameText, error);
        switch (name) {
            case http::field::host:
                if (++hosts_ > 1) return refuse(error, 400, "BAD_REQUEST", "There is more than one Host header.");
                if (!isAuthority(std_view(value)))
                    return refuse(error, 400, "BAD_REQUEST", "The Host header is not a host with, or without, a port.");
                break;
            case http::field::expect:
                if (!equalsIgnoreCase(std_view(value), "100-continue"))
                    return refuse(error, 417, "EXPECTATION_FAILED", "Only \"Expect: 100-continue\" can be met.");
                expectsContinue_ = !isHttp10_;
                break;
            case http::field::transfer_encoding:
                if (isHttp10_ || hasLength_ || hasTransferCoding_)
                    return refuse(error, 400, "BAD_REQUEST", "The length of the body is ambiguous.");
                if (!checkTransferCodings(std_view(value), error)) return;
                hasTransferCoding_ = true;
                break;
            case http::field::content_length:
                if (hasLength_ || hasTransferCoding_)
                    return refuse(error, 400, "BAD_REQUEST", "The length of the body is ambiguous.");
                if (!isAllDigits(std_view(value)))
                    return refuse(error, 400, "BAD_REQUEST", "The Content-Length is not a number of bytes.");
                hasLength_ = true;
                break;
            default:
                break;
        }
        try {
            parts_.headers.add(std_view(nameText), std_view(value));
        } catch (const std::invalid_argument&) {
            refuse(error, 400, "BAD_REQUEST", "A header holds a character that is not allowed there.");
        }
    }

    /// The body ends where "chunked" says, or nobody knows where (RFC 9112 section 6.3).
    bool checkTransferCodings(std::string_view value, error_code& error) {
        if (equalsIgnoreCase(value, "chunked")) return true;
        const auto comma = value.rfind(',');
        const auto last = value.substr(comma == std::string_view::npos ? 0 : comma + 1);
        const auto begin = last.find_first_not_of(" \t");
        const bool endsChunked = begin != std::string_view::npos && equalsIgnoreCase(last.substr(begin), "chunked");
        // Beast knows the framing by its own reading of the value, and both have to agree.
        if (!endsChunked || !chunked() || std::count(value.begin(), value.end(), ',') != 1)
            refuse(error, 400, "BAD_REQUEST", "The transfer codings do not end in one \"chunked\".");
        else
            refuse(error, 501, "NOT_IMPLEMENTED", "Only the transfer coding \"chunked\" is known.");
        return false;
    }

    void onTrailer(http::field name, string_view nameText, error_code& error) {
        for (const auto forbidden : {http::field::host, http::field::content_length, http::field::transfer_encoding})
            if (name == forbidden)
                return refuse(error, 400, "BAD_REQUEST",
                              "The field " + std::string(std_view(nameText)) + " is not allowed in a trailer.");
    }

    void on_header_impl(error_code& error) override {
        headIsDone_ = true;
        if (hosts_ == 0 && !isHttp10_) return refuse(error, 400, "BAD_REQUEST", "The Host header is missing.");
        // RFC 9112 section 3.2.2: the target's host counts, whatever the field says.
        if (!authority_.empty()) parts_.headers.set("Host", authority_);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(string_view body, error_code&) override {
        parts_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override { chunkLeft_ = size; }

    std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) override {
        parts_.body.append(body.data(), body.size());
        chunkLeft_ = left - body.size();
        return body.size();
    }

    void on_finish_impl(error_code&) override {}

    RequestLimits limits_;
    RequestParts& parts_;
    RequestFault& fault_;
    std::string authority_;  // of a target in absolute form
    std::uint64_t chunkLeft_ = 0;
    int hosts_ = 0;
    bool headIsDone_ = false;
    bool hasLength_ = false;
    bool hasTransferCoding_ = false;
    bool isHttp10_ = false;
    bool expectsContinue_ = false;
};

/// The line before a chunk's data at the front of `input`, with the CRLF that ends the data before. Empty when it is
/// not there yet, or is the last chunk's, which Beast reads together with the trailer fields. Beast is to see no more
/// than the line: it would look for the end of a quoted text beyond it, and count the chunk's size each time.
std::string_view wholeChunkHeader(std::string_view input) {
    const std::size_t begin = input.starts_with("\r\n") ? 2 : 0;
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
            if (const auto header = wholeChunkHeader(input); !header.empty()) {
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
    std::optional<MessageParser> message_;
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

}  // namespace playhouse::host
