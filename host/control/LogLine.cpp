#include "LogLine.h"

#include "routing/RequestContext.h"

#include <playhouse/Response.h>
#include <playhouse/Utf8.h>

#include <Poco/Message.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstddef>

namespace playhouse::host {
namespace {

LogLevel levelOf(Poco::Message::Priority priority) {
    if (priority <= Poco::Message::PRIO_ERROR) return LogLevel::Error;
    if (priority == Poco::Message::PRIO_WARNING) return LogLevel::Warning;
    return priority <= Poco::Message::PRIO_INFORMATION ? LogLevel::Info : LogLevel::Debug;
}

boost::json::object fieldsOf(const Poco::Message& message) {
    if (!message.has("fields")) return {};
    boost::json::error_code malformed;
    const auto fields = boost::json::parse(message.get("fields"), malformed);
    return !malformed && fields.is_object() ? fields.get_object() : boost::json::object();
}

}  // namespace

LogRecord recordOf(const Poco::Message& message) {
    LogRecord record;
    record.time =
        std::chrono::system_clock::time_point(std::chrono::microseconds(message.getTime().epochMicroseconds()));
    record.level = levelOf(message.getPriority());
    record.source = message.getSource();
    record.requestId = message.has("request") ? message.get("request") : std::string(currentRequestId());
    record.message = message.getText();
    record.fields = fieldsOf(message);
    return record;
}

std::string onOneLine(const std::string& given) {
    constexpr std::string_view hexDigits = "0123456789abcdef";
    const auto text = asUtf8(given);
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

std::string lineOf(const LogRecord& record) {
    constexpr std::size_t levelWidth = 7;
    const auto level = toString(record.level);
    auto line = isoTime(record.time) + " ";
    line += level;
    line.append(levelWidth - level.size() + 1, ' ');
    line += onOneLine(record.source) + " ";
    if (!record.requestId.empty()) line += "[" + onOneLine(record.requestId) + "] ";
    return line + onOneLine(record.message);
}

boost::json::object jsonOf(const LogRecord& record) {
    boost::json::object object;
    object["time"] = isoTime(record.time);
    object["level"] = toString(record.level);
    object["source"] = record.source;
    if (!record.requestId.empty()) object["requestId"] = asUtf8(record.requestId);
    object["message"] = asUtf8(record.message);
    for (const auto& [name, value] : record.fields) object.emplace(name, value);
    return object;
}

void TextLineFormatter::format(const Poco::Message& message, std::string& line) {
    line = lineOf(recordOf(message));
}

void JsonLineFormatter::format(const Poco::Message& message, std::string& line) {
    line = boost::json::serialize(jsonOf(recordOf(message)));
}

}  // namespace playhouse::host
