#pragma once

#include "KeptLogs.h"

#include <Poco/Formatter.h>

#include <string>

namespace playhouse::host {

/// What `message` tells, with the request that it is about: its parameter `request`, or else the one that the thread
/// handles. The sequence is left 0.
LogRecord recordOf(const Poco::Message& message);

/// `text` as one line that controls no terminal: control characters become "\n", "\t" or "\x1b", and bytes that are
/// not UTF-8 become U+FFFD.
std::string onOneLine(const std::string& text);

/// A line of the log for people, as TextLineFormatter writes it.
std::string lineOf(const LogRecord& record);

/// A line of the log for machines, as JsonLineFormatter writes it.
boost::json::object jsonOf(const LogRecord& record);

/// One log line for people: "2026-01-02T03:04:05.678Z info    plugin.streaming [request id] message".
///
/// Whatever a client got into a message, it stays one line and controls no terminal (onOneLine()).
class TextLineFormatter : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override;
};

/// One log line for machines: {"time", "level", "source", "requestId" when there is one, "message"}, and the members of
/// the message's parameter `fields`, a JSON object, when it has one.
class JsonLineFormatter : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override;
};

}  // namespace playhouse::host
