#include "Overload.h"

#include "ErrorAnswers.h"

#include <variant>

namespace playhouse::host {

Response overloadAnswer(const std::string& message) {
    return errorAnswer(503, "OVERLOADED", message).withHeader("Retry-After", "1");
}

std::string overloadBytes(const std::string& message) {
    const auto answer = overloadAnswer(message);
    const auto body = std::get<SharedBuffer>(answer.body().parts().front());
    std::string bytes = "HTTP/1.1 503 Service Unavailable\r\nServer: playhouse\r\n";
    for (std::size_t index = 0; index < answer.headers().size(); ++index) {
        const auto field = answer.headers().at(index);
        bytes.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    return bytes.append(body.text());
}

}  // namespace playhouse::host
