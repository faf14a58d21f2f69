#include "RequestMessage.h"

#include "FieldText.h"

#include "Authority.h"
#include "TargetPath.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

namespace http = boost::beast::http;

std::string_view std_view(boost::beast::string_view text) {
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

}  // namespace

RequestMessage::RequestMessage(const RequestLimits& limits, RequestParts& parts, RequestFault& fault)
    : limits_(limits), parts_(parts), fault_(fault) {
    header_limit(static_cast<std::uint32_t>(limits.headerSize));
    body_limit(boost::none);
    eager(false);
}

void RequestMessage::refuse(Error& error, int status, const char* code, std::string message) {
    fault_ = {status, code, std::move(message)};
    error = http::error::bad_target;
}

void RequestMessage::on_request_impl(http::verb verb, Text methodText, Text targetText, int version, Error& error) {
    const auto target = std_view(targetText);
    isHttp10_ = version == 10;
    const auto method = methodOf(verb);
    if (!method)
        return refuse(error, 501, "NOT_IMPLEMENTED",
                      "The method " + std::string(std_view(methodText)) + " is not one this server knows.");
    if (target.size() > limits_.targetSize)
        return refuse(error, 414, "URI_TOO_LONG",
                      "The request target is longer than " + std::to_string(limits_.targetSize) + " bytes.");
    parts_.method = *method;
    if (!splitTarget(target, parts_)) return refuse(error, "The request target is not a valid path.");
    if (parts_.path == "*" && *method != Method::Options)
        return refuse(error, "The target \"*\" is for OPTIONS alone.");
    if (const auto authority = targetAuthority(target)) {
        if (authority->empty() || !isAuthority(*authority))
            return refuse(error, "The request target does not name a host.");
        authority_ = *authority;
    }
}

void RequestMessage::on_response_impl(int, Text, int, Error& error) {
    error = http::error::bad_method;
}

void RequestMessage::on_field_impl(Field name, Text nameText, Text valueText, Error& error) {
    if (headIsDone_) return onTrailer(name, std_view(nameText), error);
    if (!checkField(name, std_view(valueText), error)) return;
    try {
        parts_.headers.add(std_view(nameText), std_view(valueText));
    } catch (const std::invalid_argument&) {
        refuse(error, "A header holds a character that is not allowed there.");
    }
}

bool RequestMessage::checkField(Field name, std::string_view value, Error& error) {
    switch (name) {
        case Field::host:
            if (++hosts_ > 1)
                refuse(error, "There is more than one Host header.");
            else if (!isAuthority(value))
                refuse(error, "The Host header is not a host with, or without, a port.");
            break;
        case Field::authorization:
            hasAuthorization_ = true;
            break;
        case Field::expect:
            if (!equalsIgnoreCase(value, "100-continue"))
                refuse(error, 417, "EXPECTATION_FAILED", "Only \"Expect: 100-continue\" can be met.");
            expectsContinue_ = !isHttp10_;
            break;
        case Field::transfer_encoding:
            if (isHttp10_ || hasLength_ || hasTransferCoding_)
                refuse(error, "The length of the body is ambiguous.");
            else
                hasTransferCoding_ = checkTransferCodings(value, error);
            break;
        case Field::content_length:
            if (hasLength_ || hasTransferCoding_)
                refuse(error, "The length of the body is ambiguous.");
            else if (!isAllDigits(value))
                refuse(error, "The Content-Length is not a number of bytes.");
            hasLength_ = true;
            break;
        default:
            break;
    }
    return !error;
}

/// The body ends where "chunked" says, or nobody knows where (RFC 9112 section 6.3).
bool RequestMessage::checkTransferCodings(std::string_view value, Error& error) {
    if (equalsIgnoreCase(value, "chunked")) return true;
    const auto comma = value.rfind(',');
    const auto last = value.substr(comma == std::string_view::npos ? 0 : comma + 1);
    const auto begin = last.find_first_not_of(" \t");
    const bool endsChunked = begin != std::string_view::npos && equalsIgnoreCase(last.substr(begin), "chunked");
    // Beast knows the framing by its own reading of the value, and both have to agree.
    if (!endsChunked || !chunked())
        refuse(error, "The transfer codings do not end in one \"chunked\".");
    else
        refuse(error, 501, "NOT_IMPLEMENTED", "Only the transfer coding \"chunked\" is known.");
    return false;
}

void RequestMessage::on_header_impl(Error& error) {
    headIsDone_ = true;
    if (hosts_ == 0 && !isHttp10_) return refuse(error, "The Host header is missing.");
    // RFC 9110 section 7.8: an upgrade that HTTP/1.0 asks for is to be ignored.
    if (isHttp10_) parts_.headers.remove("Upgrade");
    // RFC 9112 section 3.2.2: the target's host counts, whatever the field says.
    if (!authority_.empty()) parts_.headers.set("Host", authority_);
}

/// Trailer fields are dropped; those that frame or route a message are not even to be sent (RFC 9110 section 6.5.1).
void RequestMessage::onTrailer(Field name, std::string_view nameText, Error& error) {
    for (const auto forbidden : {Field::host, Field::content_length, Field::transfer_encoding})
        if (name == forbidden)
            return refuse(error, "The field " + std::string(nameText) + " is not allowed in a trailer.");
}

std::size_t RequestMessage::on_body_impl(Text body, Error&) {
    parts_.body.append(body.data(), body.size());
    return body.size();
}

std::size_t RequestMessage::on_chunk_body_impl(std::uint64_t left, Text body, Error&) {
    parts_.body.append(body.data(), body.size());
    chunkLeft_ = left - body.size();
    return body.size();
}

}  // namespace playhouse::host
