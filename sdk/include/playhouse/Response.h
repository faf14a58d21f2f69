#pragma once

#include "Body.h"
#include "Headers.h"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse {

/// What a handler answers. The host adds Date, Content-Length or chunking, ranges, conditionals, compression, CORS and
/// X-Request-Id, whatever a handler says of these; it answers HEAD from the GET handler.
///
/// Ranges and conditionals apply to status 200 alone. A response that is not to be ranged or validated simply carries
/// no ETag and no Last-Modified.
class Response {
public:
    /// A response without a body: 204 No Content, unless told otherwise.
    explicit Response(int status = 204) : status_(status) {}

    /// `data` in the success envelope: {"success": true, "data": .., "timestamp": ..}.
    static Response json(boost::json::value data, int status = 200);

    /// A body that is held in memory.
    static Response text(std::string text, std::string_view contentType = "text/plain; charset=utf-8");

    /// A body that other responses may share.
    static Response bytes(SharedBuffer bytes, std::string_view contentType);

    /// A body that is made while it is sent.
    static Response stream(std::unique_ptr<BodySource> source, std::string_view contentType);

    /// The whole of `file`, with Last-Modified and a strong ETag made from its fingerprint.
    static Response file(SharedFile file, std::string_view contentType);

    /// @param location  an absolute URL, or a path on this server
    static Response redirect(std::string_view location, int status = 302);

    int status() const noexcept { return status_; }
    const Headers& headers() const noexcept { return headers_; }
    Headers& headers() noexcept { return headers_; }
    const Body& body() const noexcept { return body_; }

    Response&& withBody(Body body) &&;

    /// Appends the field. Throws as Headers::add() does.
    Response&& withHeader(std::string_view name, std::string_view value) &&;

    /// A strong validator (RFC 9110 section 8.8.3); `opaque` is the text between the quotes.
    Response&& withETag(std::string_view opaque) &&;

    Response&& withLastModified(std::chrono::system_clock::time_point time) &&;
    Response&& withCacheControl(std::string_view directives) &&;

    /// Has the host send the body at `bytesPerSecond`, of what goes over the wire: after compression, of a range only
    /// the range, and without the head, which goes at once. It begins with 25 ms' worth at most, and after a delay
    /// catches up by 100 ms' worth at a time. A slower client gets it more slowly. A rate is kept for each response,
    /// not for the client's connections together. Throws std::invalid_argument for 0.
    Response& paceTo(std::uint64_t bytesPerSecond) &;
    Response&& paceTo(std::uint64_t bytesPerSecond) &&;

    /// The rate that was asked for, in bytes a second.
    std::optional<std::uint64_t> pacing() const noexcept { return pacing_; }

    /// For the host: takes the body out.
    Body takeBody() noexcept { return std::move(body_); }

private:
    int status_;
    Headers headers_;
    Body body_;
    std::optional<std::uint64_t> pacing_;
};

/// A time as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string httpDate(std::chrono::system_clock::time_point time);

/// A time as JSON answers write it: "2024-01-01T00:00:00Z" (RFC 3339), with milliseconds when there are any.
std::string isoTime(std::chrono::system_clock::time_point time);

}  // namespace playhouse
