#pragma once

#include "Headers.h"
#include "Identity.h"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace playhouse {

enum class Method { Get, Head, Post, Put, Patch, Delete, Options };

/// The method as it stands in a request line, e.g. "GET".
std::string_view toString(Method method) noexcept;

/// What a request is made of. The host fills it in for each request; tests make one by hand.
struct RequestParts {
    Method method = Method::Get;
    std::string target;  ///< as sent: path and query, still percent-encoded
    std::string path;    ///< decoded and without "." and ".." segments; begins with "/"
    std::vector<std::pair<std::string, std::string>> pathParameters;
    Headers headers;
    std::string body;                  ///< complete, without transfer coding
    std::string clientAddress;         ///< address without port
    std::string requestId;             ///< unique in this server's life; in every log line and in X-Request-Id
    std::string scheme = "http";       ///< "http" or "https"
    std::optional<Identity> identity;  ///< who asks, when the token is good
};

/// One request, as a handler sees it: complete, and checked by the host.
///
/// Valid until the handler has returned its response, or, for a deferred one, until its Responder has answered or is
/// gone. Reading from several threads is safe.
class Request {
public:
    explicit Request(RequestParts parts) : parts_(std::move(parts)) {}

    Method method() const noexcept { return parts_.method; }
    const std::string& target() const noexcept { return parts_.target; }
    const std::string& path() const noexcept { return parts_.path; }
    const std::string& body() const noexcept { return parts_.body; }

    /// The client's address, without port: what a proxy that the operator trusts tells of it, else the connection's.
    const std::string& clientAddress() const noexcept { return parts_.clientAddress; }

    /// "https" when the client came by TLS to the server, or to a proxy that the operator trusts; else "http". With the
    /// Host header it makes the URLs that this client can reach.
    const std::string& scheme() const noexcept { return parts_.scheme; }

    /// Who asks, by a verified token; absent without one, which only a route for everybody sees.
    const std::optional<Identity>& identity() const noexcept { return parts_.identity; }

    /// Who asks, on a route that is for users. Throws std::logic_error when nobody is known.
    const Identity& user() const;

    const std::string& requestId() const noexcept { return parts_.requestId; }
    const Headers& headers() const noexcept { return parts_.headers; }

    /// The value of the first header field `name`, compared without regard to case.
    std::optional<std::string_view> header(std::string_view name) const noexcept { return parts_.headers.find(name); }

    /// The decoded text that `{name}` of the route's pattern stands for. Throws std::logic_error when the pattern has
    /// no such parameter.
    const std::string& pathParameter(std::string_view name) const;

    /// The query as sent, without "?"; empty when there is none.
    std::string_view queryString() const noexcept;

    /// The decoded value of the first query parameter `name`; empty text for one without "=".
    std::optional<std::string> query(std::string_view name) const;

    /// The query parameter as a whole number; absent when it is not given. Throws ApiError 400 INVALID_PARAMETER,
    /// naming it, when it is not a whole number from `least` to `most`.
    std::optional<long long> queryInteger(std::string_view name, long long least, long long most) const;

    /// The body as JSON. Throws ApiError: 415 when Content-Type is not JSON, 400 INVALID_JSON when it is not
    /// valid, nested deeper than 64, or names a member of an object twice.
    boost::json::value json() const;

    /// For the host and for tests: the parts, to fill in or to reuse.
    RequestParts& parts() noexcept { return parts_; }

private:
    RequestParts parts_;
};

/// Percent-decodes `text` (RFC 3986 section 2.1); with `plusIsSpace` as in a query. Nothing when it is malformed.
std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace = false);

}  // namespace playhouse
