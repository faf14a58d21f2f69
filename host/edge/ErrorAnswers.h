#pragma once

#include <playhouse/ApiError.h>
#include <playhouse/Response.h>

#include <string>

namespace playhouse::host {

/// The error envelope: {"success": false, "error": {"code", "message", "details"}, "timestamp"}.
Response errorAnswer(const ApiError& error);
Response errorAnswer(int status, const std::string& code, const std::string& message, boost::json::object details = {});

/// The standard's phrase of a status code, e.g. "Not Found".
std::string_view reasonPhrase(int status) noexcept;

}  // namespace playhouse::host
