#include "LogLine.h"

#include "routing/RequestContext.h"

#include <playhouse/Response.h>
#include <playhouse/Utf8.h>

#include <Poco/Message.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstddef>

namespace playhouse::host {
namespace {

std::string_view levelName(Poco::Message::Priority priority) {
    if (priority <= Poco::Message::PRIO_ERROR) return "error";
    if (priority == Poco::Message::PRIO_WARNING) return "warning";
    return priority <= Poco::Message::PRIO_INFORMATION ? "info" : "debug";
}

std::string requestOf(const Poco::Message& message) {
    return message.has("request") ? message.get("request") : std::string(currentRequestId());
}

std::string timeOf(const Poco::Message& message) {
    return isoTime(
        std::chrono::system_clock::time_point(std::chrono::microseconds(message.getTime().epochMicroseconds())));
}

std::string onOneLine(const std::string& message) {
    constexpr std::string_view hexDigits = "0123456789abcdef";
    const auto text = asUtf8(message);
    std::string line;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        // U+0080 to U+009F control terminals as well; in UTF-8 they are C2 80 to C2 9F.
        const bool isC1 = byte == 0xc2 && index + 1 < text.size() && static_cast<unsigned char>(text[index + 1]) < 0xa0;
        if (byte == '\n') {
            line += "\\n";
        } else if (byte == '\t') {
            line += "\\t";
        } else if (byte < 0x20 || byte == 0x7f || isC1) {
            const auto code = isC1 ? static_cast<unsigned char>(text[++index]) : byte;
            line += {'\\', 'x', hexDigits[code >> 4], hexDigits[code & 15]};
        } else {
            line += text[index];
        }
    }
    return line;
}

}  // namespace

void TextLineFormatter::format(const Poco::Message& message, std::string& line) {
    constexpr std::size_t levelWidth = 7;
    const auto level = levelName(message.getPriority());
    line = timeOf(message) + " ";
    line += level;
    line.append(levelWidth - level.size() + 1, ' ');
    line += message.getSource() + " ";
    if (const auto request = requestOf(message); !request.empty()) line += "[" + onOneLine(request) + "] ";
    line += onOneLine(message.getText());
}

void JsonLineFormatter::format(const Poco::Message& message, std::string& line) {
    boost::json::object object;
    object["time"] = timeOf(message);
    object["level"] = levelName(message.getPriority());
    object["source"] = message.getSource();
    if (const auto request = requestOf(message); !request.empty()) object["requestId"] = asUtf8(request);
    object["message"] = asUtf8(message.getText());
    line = boost::json::serialize(object);
}

}  // namespace playhouse::host
