#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace playhouse::host {

/// The frames of RFC 6455 section 5.2.
enum class WebSocketOpcode : std::uint8_t {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xa,
};

/// Status codes of RFC 6455 section 7.4.1 that the host itself gives.
namespace websocket {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t goingAway = 1001;
inline constexpr std::uint16_t protocolError = 1002;
inline constexpr std::uint16_t noStatus = 1005;  ///< never on the wire
inline constexpr std::uint16_t abnormal = 1006;  ///< never on the wire
inline constexpr std::uint16_t invalidPayload = 1007;
inline constexpr std::uint16_t policyViolation = 1008;
inline constexpr std::uint16_t messageTooBig = 1009;
inline constexpr std::uint16_t internalError = 1011;
inline constexpr std::uint16_t tryAgainLater = 1013;
}  // namespace websocket

/// What a client did against RFC 6455, or beyond a limit: the connection is to be failed with `code`.
class WebSocketFault : public std::runtime_error {
public:
    WebSocketFault(std::uint16_t closeCode, const std::string& reason) : std::runtime_error(reason), code(closeCode) {}
    std::uint16_t code;
};

/// One message, or one control frame, from a client.
struct WebSocketEvent {
    WebSocketOpcode kind = WebSocketOpcode::Text;  ///< never Continuation
    bool compressed = false;                       ///< `data` is to be inflated (RFC 7692 section 7.2.2)
    std::string data;                              ///< unmasked; of a Close the bytes after its code
    std::uint16_t code = 0;                        ///< of a Close; 1005 when it has none
};

/// Reads a client's frames from a connection's bytes, however these are cut. Used by one thread.
///
/// Text is checked to be UTF-8 while it comes, unless it is compressed.
class WebSocketReader {
public:
    /// @param maximumMessageSize  bytes of one message, as they come
    /// @param compression         whether permessage-deflate was agreed on
    WebSocketReader(std::size_t maximumMessageSize, bool compression)
        : maximumMessageSize_(maximumMessageSize), compression_(compression) {}

    /// Takes bytes from the front of `input`, which it overwrites, up to the next event; nothing when it needs more.
    /// Throws WebSocketFault; nothing can be read any more then.
    std::optional<WebSocketEvent> next(std::span<char>& input);

    std::size_t maximumMessageSize() const noexcept { return maximumMessageSize_; }

    /// Holds for frames that begin from now on.
    void setMaximumMessageSize(std::size_t bytes) noexcept { maximumMessageSize_ = bytes; }

private:
    bool readHeader(std::span<char>& input);
    void checkHeader() const;
    void checkLength();
    void checkText(std::size_t end);
    WebSocketEvent finishControl();
    WebSocketEvent finishMessage();

    std::size_t maximumMessageSize_;
    std::string message_;      // so far, over all its frames
    std::size_t checked_ = 0;  // bytes of it that are known to be UTF-8
    std::string control_;
    std::uint64_t length_ = 0;  // of the frame's payload
    std::uint64_t taken_ = 0;   // of it
    unsigned char header_[14] = {};
    std::uint8_t headerSize_ = 0;  // bytes of it that are there
    bool compression_;
    bool inPayload_ = false;
    bool inMessage_ = false;  // a message has begun and not ended
    bool messageIsText_ = false;
    bool messageIsCompressed_ = false;
};

/// Appends a server's frame, which is not masked and is the only one of its message.
void appendFrame(std::string& out, WebSocketOpcode opcode, std::string_view payload, bool compressed = false);

/// Appends a Close frame; `reason` is cut to what fits. Without a code when that is 1005.
void appendCloseFrame(std::string& out, std::uint16_t code, std::string_view reason);

/// Whether a Close frame may carry `code` (RFC 6455 section 7.4.2).
bool isCloseCode(std::uint16_t code) noexcept;

}  // namespace playhouse::host
