#include "Invariant.h"
#include "edge/WebSocketCompression.h"
#include "edge/WebSocketFrames.h"

#include <playhouse/Utf8.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

// What a client sends after the handshake; the first byte says whether permessage-deflate was agreed on. Whole and in
// pieces the frames must come out the same.

namespace {

using namespace playhouse::host;
using playhouse::fuzz::require;

constexpr std::size_t largestMessage = 300;
constexpr std::size_t largestInflated = 5000;

struct Outcome {
    std::vector<WebSocketEvent> events;
    std::optional<std::uint16_t> fault;
    std::string reason;
};

/// Reads `bytes` in pieces of up to `longest`, ending at a Close or a fault as a connection does.
Outcome read(const std::string& bytes, bool compression, std::size_t longest) {
    std::minstd_rand random(static_cast<unsigned>(bytes.size()));
    WebSocketReader reader(largestMessage, compression);
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto size =
            std::min<std::size_t>(bytes.size() - at, longest == 0 ? bytes.size() : 1 + random() % longest);
        auto piece = bytes.substr(at, size);
        at += size;
        std::span<char> input(piece);
        try {
            while (auto event = reader.next(input)) {
                const bool isLast = event->kind == WebSocketOpcode::Close;
                outcome.events.push_back(std::move(*event));
                if (isLast) return outcome;
            }
        } catch (const WebSocketFault& fault) {
            outcome.fault = fault.code;
            outcome.reason = fault.what();
            return outcome;
        }
        require(input.empty(), "a reader that needs more has taken all");
    }
    return outcome;
}

void compare(const Outcome& whole, const Outcome& pieces) {
    require(whole.events.size() == pieces.events.size(), "pieces give as many events as the whole");
    for (std::size_t index = 0; index < whole.events.size(); ++index) {
        const auto& left = whole.events[index];
        const auto& right = pieces.events[index];
        require(left.kind == right.kind && left.compressed == right.compressed && left.data == right.data &&
                    left.code == right.code,
                "pieces give the same events");
    }
    require(whole.fault == pieces.fault && whole.reason == pieces.reason, "pieces are refused as the whole is");
}

void check(const WebSocketEvent& event, bool compression) {
    require(event.kind != WebSocketOpcode::Continuation, "no event is a part of a message");
    require(!event.compressed || compression, "nothing is compressed without having been agreed on");
    const bool isData = event.kind == WebSocketOpcode::Text || event.kind == WebSocketOpcode::Binary;
    require(isData || !event.compressed, "no control frame is compressed");
    require(event.data.size() <= (isData ? largestMessage : 125), "no payload is larger than allowed");
    if ((event.kind == WebSocketOpcode::Text && !event.compressed) || event.kind == WebSocketOpcode::Close)
        require(playhouse::isUtf8(event.data), "text is UTF-8");
    if (event.kind == WebSocketOpcode::Close)
        require(event.code == websocket::noStatus || isCloseCode(event.code), "a close code is one that may be sent");
}

/// As a client would send what a server wrote: the mask bit set, and a mask of zeros, which changes nothing.
std::string masked(const std::string& frame) {
    auto out = frame;
    const auto length = static_cast<unsigned char>(out[1]);
    out[1] = static_cast<char>(length | 0x80);
    return out.insert(length < 126 ? 2 : length == 126 ? 4 : 10, 4, '\0');
}

/// What is written for an event can be read again.
void checkWriting(const WebSocketEvent& event, bool compression) {
    std::string frame;
    if (event.kind == WebSocketOpcode::Close)
        appendCloseFrame(frame, event.code, event.data);
    else
        appendFrame(frame, event.kind, event.data, event.compressed);
    const auto again = read(masked(frame), compression, 0);
    require(!again.fault && again.events.size() == 1, "a frame that was written is read as one");
    require(again.events[0].kind == event.kind && again.events[0].data == event.data &&
                again.events[0].code == event.code && again.events[0].compressed == event.compressed,
            "a frame that was written is read as it was");
}

void checkInflating(const WebSocketEvent& event) {
    WebSocketCompression compression;
    try {
        const auto text = compression.inflate(event.data, largestInflated);
        require(text.size() <= largestInflated, "no message is inflated beyond its limit");
        require(compression.inflate(compression.deflate(text), largestInflated) == text,
                "what is deflated is inflated to what it was");
    } catch (const WebSocketFault& fault) {
        require(fault.code == websocket::invalidPayload || fault.code == websocket::messageTooBig,
                "what cannot be inflated is refused by its code");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return -1;
    const bool compression = (data[0] & 1) != 0;
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read(bytes, compression, 0);
    compare(whole, read(bytes, compression, 1));
    compare(whole, read(bytes, compression, 20));
    if (whole.fault) require(isCloseCode(*whole.fault), "a fault's code may be sent");
    for (const auto& event : whole.events) {
        check(event, compression);
        checkWriting(event, compression);
        if (event.compressed) checkInflating(event);
    }
    return 0;
}
