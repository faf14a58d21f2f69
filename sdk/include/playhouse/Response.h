#pragma once

#include "Body.h"
#include "Headers.h"

#include <boost/json/value.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace playhouse {

/// What a handler answers. The host adds Date, Content-Length or chunking, ranges, conditionals, compression, CORS and
/// X-Request-Id; it answers HEAD from the GET handler.
///
/// Ranges and conditionals apply to status 200 alone. A response that is not to be ranged or validated simply carries
/// no ETag and no Last-Modified.
class Response {
public:
    explicit Response(int status = 204) : status_(status) {}

    /// `data` in the success envelope: {"success": true, "data": .., "timestamp": ..}.
    static Response json(boost::json::value data, int status = 200);

    static Response text(std::string text, std::string_view contentType = "text/plain; charset=utf-8");
    static Response bytes(SharedBuffer bytes, std::string_view contentType);
    static Response stream(std::unique_ptr<BodySource> source, std::string_view contentType);

    /// The whole of `file`, with Last-Modified and a strong ETag made from its fingerprint.
    static Response file(SharedFile file, std::string_view contentType);

    static Response redirect(std::string_view location, int status = 302);

    int status() const noexcept { return status_; }
    const Headers& headers() const noexcept { return headers_; }
    Headers& headers() noexcept { return headers_; }
    const Body& body() const noexcept { return body_; }

    Response&& withBody(Body body) &&;
    Response&& withHeader(std::string_view name, std::string_view value) &&;

    /// A strong validator (RFC 9110 section 8.8.3); `opaque` is the text between the quotes.
    Response&& withETag(std::string_view opaque) &&;

    Response&& withLastModified(std::chrono::system_clock::time_point time) &&;
    Response&& withCacheControl(std::string_view directives) &&;

    /// For the host: takes the body out.
    Body takeBody() noexcept { return std::move(body_); }

private:
    int status_;
    Headers headers_;
    Body body_;
};

/// A time as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string httpDate(std::chrono::system_clock::time_point time);

/// A time as JSON answers write it: "2024-01-01T00:00:00Z" (RFC 3339), with milliseconds when there are any.
std::string isoTime(std::chrono::system_clock::time_point time);

}  // namespace playhouse
