#include "RequestParser.h"

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

/// Whether `text` holds only what a host and port may (RFC 9112 section 3.2, RFC 3986 section 3.2.2).
bool isAuthority(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) {
        const bool isAlphanumeric =
            (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
        return isAlphanumeric || std::string_view("-._~%!$&'()*+,;=:[]").find(letter) != std::string_view::npos;
    });
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
    }

    void on_response_impl(int, string_view, int, error_code& error) override { error = http::error::bad_method; }

    void on_field_impl(http::field name, string_view nameText, string_view value, error_code& error) override {
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
                if (!equalsIgnoreCase(std_view(value), "chunked"))
                    return refuse(error, 501, "NOT_IMPLEMENTED", "Only the transfer coding \"chunked\" is known.");
                if (isHttp10_ || hasLength_ || hasTransferCoding_)
                    return refuse(error, 400, "BAD_REQUEST", "The length of the body is ambiguous.");
                hasTransferCoding_ = true;
                break;
            case http::field::content_length:
                if (hasLength_ || hasTransferCoding_)
                    return refuse(error, 400, "BAD_REQUEST", "The length of the body is ambiguous.");
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

    void on_header_impl(error_code& error) override {
        if (hosts_ == 0 && !isHttp10_) refuse(error, 400, "BAD_REQUEST", "The Host header is missing.");
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(string_view body, error_code&) override {
        parts_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        parts_.body.append(body.data(), body.size());
        return body.size();
    }

    void on_finish_impl(error_code&) override {}

    RequestLimits limits_;
    RequestParts& parts_;
    RequestFault& fault_;
    int hosts_ = 0;
    bool hasLength_ = false;
    bool hasTransferCoding_ = false;
    bool isHttp10_ = false;
    bool expectsContinue_ = false;
};

RequestFault faultOf(const error_code& error, const RequestLimits& limits, std::uint64_t bodyLimit) {
    if (error == http::error::header_limit)
        return {431, "REQUEST_HEADER_FIELDS_TOO_LARGE",
                "The request's head, or the fields of its chunks, are larger than " +
                    std::to_string(limits.headerSize) + " bytes."};
    if (error == http::error::body_limit)
        return {413, "PAYLOAD_TOO_LARGE",
                "The body is larger than the " + std::to_string(bodyLimit) + " bytes that are accepted here."};
    if (error == http::error::bad_version) return {505, "HTTP_VERSION_NOT_SUPPORTED", "This server speaks HTTP/1.1."};
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
        message_.emplace(limits, parts, fault_);
    }

    Progress feed(std::string_view input, std::size_t& consumed) {
        while (true) {
            if (headSeen_ && message_->is_done()) return Progress::Complete;
            if (input.empty()) return Progress::NeedMore;
            error_code error;
            const auto taken = message_->put(boost::asio::buffer(input.data(), input.size()), error);
            consumed += taken;
            input.remove_prefix(taken);
            if (error == http::error::need_more) {
                // After the head, only a chunk's header and the trailer fields are left untaken until they are whole.
                if (input.size() <= limits_.headerSize) return Progress::NeedMore;
                error = http::error::header_limit;
            }
            if (error) {
                if (fault_.status == 0) fault_ = faultOf(error, limits_, bodyLimit_);
                return Progress::Failed;
            }
            if (!headSeen_ && message_->is_header_done()) {
                headSeen_ = true;
                if (message_->is_done()) return Progress::Complete;
                return Progress::HeadComplete;
            }
        }
    }

    bool allowBody(std::uint64_t size) {
        bodyLimit_ = size;
        const auto announced = message_->content_length();
        if (announced && *announced > size) {
            fault_ = faultOf(http::error::body_limit, limits_, bodyLimit_);
            return false;
        }
        message_->body_limit(size);
        message_->eager(true);
        return true;
    }

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
    return parser_->message_ && parser_->message_->keep_alive();
}

bool RequestParser::isHttp10() const noexcept {
    return parser_->message_ && parser_->message_->isHttp10();
}

bool RequestParser::expectsContinue() const noexcept {
    return parser_->message_ && parser_->message_->expectsContinue();
}

}  // namespace playhouse::host
