#pragma once

#include "TestServer.h"
#include "edge/WebSocketFrames.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::host {

/// One frame, as read from the wire.
struct ReceivedFrame {
    WebSocketOpcode opcode = WebSocketOpcode::Text;
    bool isFinal = true;
    bool isCompressed = false;
    std::string payload;

    /// Of a Close frame.
    std::uint16_t code() const;
};

/// A WebSocket client that sends what the test says, frame for frame or byte for byte.
class WebSocketClient {
public:
    /// Does the handshake; `headers` are more lines, each ending in CRLF. Throws std::runtime_error unless it is 101.
    WebSocketClient(std::uint16_t port, std::string_view path, std::string_view headers = {});

    const Answer& handshake() const { return handshake_; }

    /// Sends one frame, masked.
    void sendFrame(WebSocketOpcode opcode, std::string_view payload, bool isFinal = true) const;
    void sendText(std::string_view text) const { sendFrame(WebSocketOpcode::Text, text); }
    void sendClose(std::uint16_t code, std::string_view reason = {}) const;
    void sendBytes(std::string_view bytes) const { connection_.send(bytes); }

    /// Sends `bytes` in pieces of `size`.
    void sendChopped(std::string_view bytes, std::size_t size) const;

    ReceivedFrame receive();

    /// The payload of the next frame, which must be a whole text.
    std::string receiveText();

    /// Expects a text, or bytes, of these: whole, final and not compressed.
    void expect(WebSocketOpcode opcode, std::string_view payload);

    /// The code of the next frame, which must be a Close; then the connection must end when ours is sent back.
    std::uint16_t receiveClose();

    bool isClosed() { return connection_.isClosed(); }
    void endSending() const { connection_.endSending(); }

private:
    RawClient connection_;
    Answer handshake_;
};

/// A client's frame as bytes: `first` is FIN, RSV and opcode.
std::string clientFrame(unsigned char first, std::string_view payload);

/// Sends `bytes` on connections of their own to the echo at "/ws", whole and byte by byte. Expects `echoed` back, then
/// Close with `code`, and nothing behind that. Throws std::runtime_error with `name` otherwise.
void expectFailure(std::uint16_t port, const std::string& name, std::string_view bytes, std::uint16_t code,
                   const std::vector<std::string>& echoed = {});

/// A route of channels.
Route channelRoute(std::string pattern, ChannelHandler handler, ChannelOptions options = Execution::Inline,
                   ChannelRoute::Protocol protocol = ChannelRoute::Protocol::WebSocket);

/// Sends back what comes.
ChannelHandler echo();

}  // namespace playhouse::host
