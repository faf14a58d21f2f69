#pragma once

#include <boost/json/object.hpp>

#include <stdexcept>
#include <string>

namespace playhouse {

/// A refusal that the client is to understand. Thrown by a handler (or given to a Responder), it becomes
/// {"success": false, "error": {"code", "message", "details"}, "timestamp"} with `status`.
///
/// The message is for the person at the other end: it says what was wrong and what would be right, and holds no secret.
class ApiError : public std::runtime_error {
public:
    /// @param code     for programs, in capitals: "VIDEO_NOT_FOUND"
    /// @param details  for programs too: which parameter, which limit. A whole number "retryAfterSeconds" is sent as
    ///                 Retry-After (RFC 9110 section 10.2.3) too.
    ApiError(int status, std::string code, const std::string& message, boost::json::object details = {});
    ~ApiError() override;

    /// 400 BAD_REQUEST.
    static ApiError badRequest(const std::string& message, boost::json::object details = {});
    /// 400 INVALID_PARAMETER, with {"parameter": name} in its details.
    static ApiError invalidParameter(const std::string& name, const std::string& message);
    /// 404 NOT_FOUND.
    static ApiError notFound(const std::string& message, boost::json::object details = {});
    /// 503 SERVICE_UNAVAILABLE.
    static ApiError unavailable(const std::string& message);

    int status() const noexcept { return status_; }
    const std::string& code() const noexcept { return code_; }
    const boost::json::object& details() const noexcept { return details_; }

private:
    int status_;
    std::string code_;
    boost::json::object details_;
};

}  // namespace playhouse
