#pragma once

#include <Poco/Formatter.h>

#include <string>

namespace playhouse::host {

/// One log line for people: "2026-01-02T03:04:05.678Z info    plugin.streaming [request id] message".
///
/// Whatever a client got into a message, it stays one line and controls no terminal: control characters are written as
/// "\n", "\t" or "\x1b", and bytes that are not UTF-8 as U+FFFD. The request is the message's parameter `request`, or
/// else the one that the thread handles.
class TextLineFormatter : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override;
};

/// One log line for machines: {"time", "level", "source", "requestId" when there is one, "message"}.
class JsonLineFormatter : public Poco::Formatter {
public:
    void format(const Poco::Message& message, std::string& line) override;
};

}  // namespace playhouse::host
