#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// A WebSocket client for tests and measurements, as cheap for each message as can be, so that it is never what is
/// measured (RFC 6455).
namespace websocket {

enum class Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

/// One frame from a server (RFC 6455 section 5.2). The payload lies in the bytes it was taken from.
struct Frame {
    Opcode opcode;
    bool isFinal;
    std::string_view payload;
};

/// Takes the first frame off the front of `input`; nothing, and `input` as it was, while that is incomplete. Throws
/// std::runtime_error for what a server must not send: a masked frame, or one with a reserved bit.
std::optional<Frame> takeFrame(std::string_view& input);

/// Appends one whole message as a client sends it, masked, to `output`.
void appendFrame(std::string& output, Opcode opcode, std::string_view payload);

/// What a close frame says, for people: its code and its reason (RFC 6455 section 5.5.1).
std::string closeText(std::string_view payload);

}  // namespace websocket
