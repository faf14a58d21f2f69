#include <playhouse/ApiError.h>

#include <utility>

namespace playhouse {

ApiError::ApiError(int status, std::string code, const std::string& message, boost::json::object details)
    : std::runtime_error(message), status_(status), code_(std::move(code)), details_(std::move(details)) {}

ApiError::~ApiError() = default;

ApiError ApiError::badRequest(const std::string& message, boost::json::object details) {
    return {400, "BAD_REQUEST", message, std::move(details)};
}

ApiError ApiError::invalidParameter(const std::string& name, const std::string& message) {
    return {400, "INVALID_PARAMETER", message, {{"parameter", name}}};
}

ApiError ApiError::notFound(const std::string& message, boost::json::object details) {
    return {404, "NOT_FOUND", message, std::move(details)};
}

ApiError ApiError::unavailable(const std::string& message) {
    return {503, "SERVICE_UNAVAILABLE", message};
}

}  // namespace playhouse
