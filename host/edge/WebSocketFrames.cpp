#include "WebSocketFrames.h"

#include <playhouse/Utf8.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace playhouse::host {
namespace {

constexpr unsigned char finalBit = 0x80;
constexpr unsigned char compressedBit = 0x40;
constexpr unsigned char otherReservedBits = 0x30;
constexpr unsigned char maskBit = 0x80;
constexpr std::size_t mostControlBytes = 125;
constexpr std::size_t maskSize = 4;

bool isControl(unsigned opcode) {
    return (opcode & 0x8) != 0;
}

/// Bytes of a client's frame header whose first two are there: with its length and mask.
std::size_t wholeHeaderSize(const unsigned char* header) {
    const auto length = header[1] & 0x7f;
    return 2 + (length == 126 ? 2U : length == 127 ? 8U : 0U) + maskSize;
}

/// Bytes of `text` without a character at its end whose rest may be yet to come.
std::size_t wholeCharacters(std::string_view text) {
    constexpr std::size_t longestBegin = 3;
    for (std::size_t back = 1; back <= std::min(longestBegin, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xc0) == 0x80) continue;
        const std::size_t wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return wanted > back ? text.size() - back : text.size();
    }
    return text.size();
}

void unmask(char* bytes, std::size_t size, const unsigned char* mask, std::uint64_t offset) {
    unsigned char turned[8];
    for (std::size_t index = 0; index < 8; ++index) turned[index] = mask[(offset + index) % 4];
    std::uint64_t wide = 0;
    std::memcpy(&wide, turned, 8);
    std::size_t index = 0;
    for (; index + 8 <= size; index += 8) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes + index, 8);
        value ^= wide;
        std::memcpy(bytes + index, &value, 8);
    }
    for (; index < size; ++index)
        bytes[index] = static_cast<char>(static_cast<unsigned char>(bytes[index]) ^ turned[index % 8]);
}

}  // namespace

bool isCloseCode(std::uint16_t code) noexcept {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// True once the header is whole.
bool WebSocketReader::readHeader(std::span<char>& input) {
    const auto take = [&](std::size_t wanted) {
        const auto count = std::min(wanted - headerSize_, input.size());
        std::memcpy(header_ + headerSize_, input.data(), count);
        headerSize_ = static_cast<std::uint8_t>(headerSize_ + count);
        input = input.subspan(count);
        return headerSize_ >= wanted;
    };
    if (headerSize_ < 2) {
        if (!take(2)) return false;
        checkHeader();
    }
    const auto size = wholeHeaderSize(header_);
    // A length that cannot be is refused before its mask has come.
    if (headerSize_ <= size - maskSize) {
        if (!take(size - maskSize)) return false;
        checkLength();
    }
    return take(size);
}

/// RFC 6455 section 5.2.
void WebSocketReader::checkLength() {
    length_ = header_[1] & 0x7f;
    if (length_ >= 126) {
        const std::size_t bytes = length_ == 126 ? 2 : 8;
        length_ = 0;
        for (std::size_t index = 0; index < bytes; ++index) length_ = length_ << 8 | header_[2 + index];
        if (length_ >> 63 != 0)
            throw WebSocketFault(websocket::protocolError, "a frame's length has its highest bit set");
        if (length_ < (bytes == 2 ? 126U : 65536U))
            throw WebSocketFault(websocket::protocolError, "a frame's length is not written as short as can be");
    }
    if (!isControl(header_[0] & 0xfU) && length_ > maximumMessageSize_ - std::min(message_.size(), maximumMessageSize_))
        throw WebSocketFault(websocket::messageTooBig,
                             "messages are limited to " + std::to_string(maximumMessageSize_) + " bytes");
}

/// What the first two bytes say (RFC 6455 sections 5.2, 5.4 and 5.5).
void WebSocketReader::checkHeader() const {
    const auto fail = [](const char* reason) { throw WebSocketFault(websocket::protocolError, reason); };
    const unsigned opcode = header_[0] & 0xfU;
    const bool isFinal = (header_[0] & finalBit) != 0;
    const bool isCompressed = (header_[0] & compressedBit) != 0;
    if ((header_[0] & otherReservedBits) != 0 || (isCompressed && !compression_)) fail("a reserved bit is set");
    if ((header_[1] & maskBit) == 0) fail("a frame of a client is not masked");
    if (isControl(opcode)) {
        if (opcode > 0xa) fail("a frame has a reserved opcode");
        if (!isFinal) fail("a control frame is fragmented");
        if (isCompressed) fail("a control frame is compressed");
        if ((header_[1] & 0x7f) > mostControlBytes) fail("a control frame is longer than 125 bytes");
        return;
    }
    if (opcode > 0x2) fail("a frame has a reserved opcode");
    if (opcode == 0 && !inMessage_) fail("a continuation frame continues nothing");
    if (opcode == 0 && isCompressed) fail("a continuation frame has the bit of a compressed message");
    if (opcode != 0 && inMessage_) fail("a message begins within another");
}

std::optional<WebSocketEvent> WebSocketReader::next(std::span<char>& input) {
    while (true) {
        if (!inPayload_) {
            if (!readHeader(input)) return std::nullopt;
            inPayload_ = true;
            taken_ = 0;
            if (const auto opcode = header_[0] & 0xfU; opcode == 1 || opcode == 2) {
                inMessage_ = true;
                checked_ = 0;
                messageIsText_ = opcode == 1;
                messageIsCompressed_ = (header_[0] & compressedBit) != 0;
            }
        }
        const bool control = isControl(header_[0] & 0xfU);
        auto& into = control ? control_ : message_;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(length_ - taken_, input.size()));
        unmask(input.data(), count, header_ + wholeHeaderSize(header_) - maskSize, taken_);
        into.append(input.data(), count);
        input = input.subspan(count);
        taken_ += count;
        if (taken_ == length_) {
            inPayload_ = false;
            headerSize_ = 0;
            if (control) return finishControl();
            if ((header_[0] & finalBit) != 0) return finishMessage();
        }
        checkText(wholeCharacters(message_));
        if (inPayload_) return std::nullopt;
    }
}

WebSocketEvent WebSocketReader::finishControl() {
    WebSocketEvent event{.kind = static_cast<WebSocketOpcode>(header_[0] & 0xf), .data = std::exchange(control_, {})};
    if (event.kind != WebSocketOpcode::Close) return event;
    event.code = websocket::noStatus;
    if (event.data.empty()) return event;
    if (event.data.size() == 1) throw WebSocketFault(websocket::protocolError, "a Close frame has half a code");
    event.code = static_cast<std::uint16_t>(static_cast<unsigned char>(event.data[0]) << 8 |
                                            static_cast<unsigned char>(event.data[1]));
    event.data.erase(0, 2);
    if (!isCloseCode(event.code))
        throw WebSocketFault(websocket::protocolError,
                             "a Close frame may not have the code " + std::to_string(event.code));
    if (!isUtf8(event.data)) throw WebSocketFault(websocket::invalidPayload, "a Close frame's reason is not UTF-8");
    return event;
}

/// What can be no UTF-8 any more is not waited for (RFC 6455 section 8.1).
void WebSocketReader::checkText(std::size_t end) {
    if (!messageIsText_ || messageIsCompressed_ || end <= checked_) return;
    if (!isUtf8(std::string_view(message_).substr(checked_, end - checked_)))
        throw WebSocketFault(websocket::invalidPayload, "a text message is not UTF-8");
    checked_ = end;
}

WebSocketEvent WebSocketReader::finishMessage() {
    inMessage_ = false;
    checkText(message_.size());
    return {.kind = messageIsText_ ? WebSocketOpcode::Text : WebSocketOpcode::Binary,
            .compressed = messageIsCompressed_,
            .data = std::exchange(message_, {})};
}

void appendFrame(std::string& out, WebSocketOpcode opcode, std::string_view payload, bool compressed) {
    unsigned char header[10];
    std::size_t size = 2;
    header[0] =
        static_cast<unsigned char>(finalBit | (compressed ? compressedBit : 0) | static_cast<unsigned char>(opcode));
    if (payload.size() < 126) {
        header[1] = static_cast<unsigned char>(payload.size());
    } else {
        const std::size_t bytes = payload.size() < 65536 ? 2 : 8;
        header[1] = bytes == 2 ? 126 : 127;
        for (std::size_t index = 0; index < bytes; ++index)
            header[2 + index] = static_cast<unsigned char>(payload.size() >> (8 * (bytes - 1 - index)));
        size += bytes;
    }
    out.append(reinterpret_cast<const char*>(header), size).append(payload);
}

void appendCloseFrame(std::string& out, std::uint16_t code, std::string_view reason) {
    std::string payload;
    if (code != websocket::noStatus) {
        payload.push_back(static_cast<char>(code >> 8));
        payload.push_back(static_cast<char>(code & 0xff));
        auto size = std::min(reason.size(), mostControlBytes - 2);
        // Not in the midst of a character.
        while (size > 0 && size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xc0) == 0x80) --size;
        payload += reason.substr(0, size);
    }
    appendFrame(out, WebSocketOpcode::Close, payload);
}

}  // namespace playhouse::host
