#pragma once

#include <playhouse/ApiError.h>
#include <playhouse/Response.h>

#include <boost/json/value.hpp>

#include <string>

namespace playhouse::testing {

/// All bytes of a response's body: memory, files, or what its source gives. A source is empty afterwards.
std::string bodyText(const Response& response);

/// The `data` of a success envelope. Throws std::runtime_error, with the body, for any other response.
boost::json::value jsonData(const Response& response);

/// The `error.code` of an error envelope. Throws std::runtime_error, with the body, for any other response.
std::string errorCode(const Response& response);

/// The error envelope that the host makes of an ApiError.
Response errorResponse(const ApiError& error);

}  // namespace playhouse::testing
