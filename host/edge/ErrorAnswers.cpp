#include "ErrorAnswers.h"

#include <playhouse/Utf8.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace playhouse::host {

Response errorAnswer(const ApiError& error) {
    return errorAnswer(error.status(), error.code(), error.what(), error.details());
}

Response errorAnswer(int status, const std::string& code, const std::string& message, boost::json::object details) {
    const auto* retryAfter = details.if_contains("retryAfterSeconds");
    const auto seconds = retryAfter && retryAfter->is_int64() ? retryAfter->get_int64() : 0;
    boost::json::object error;
    error["code"] = code;
    error["message"] = message;
    error["details"] = std::move(details);
    boost::json::object envelope;
    envelope["success"] = false;
    envelope["error"] = std::move(error);
    envelope["timestamp"] = isoTime(std::chrono::system_clock::now());
    auto answer = Response(status)
                      .withHeader("Content-Type", "application/json")
                      .withHeader("Cache-Control", "no-store")
                      .withBody(SharedBuffer(asUtf8(boost::json::serialize(envelope))));
    if (seconds > 0) return std::move(answer).withHeader("Retry-After", std::to_string(seconds));
    return answer;
}

std::string_view reasonPhrase(int status) noexcept {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 451:
            return "Unavailable For Legal Reasons";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return status < 400 ? "OK" : "Error";
    }
}

}  // namespace playhouse::host
