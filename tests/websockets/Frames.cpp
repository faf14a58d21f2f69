#include "Frames.h"

#include <array>
#include <cstddef>
#include <stdexcept>

namespace websocket {
namespace {

std::uint8_t byteAt(std::string_view text, std::size_t index) {
    return static_cast<std::uint8_t>(text[index]);
}

std::uint64_t bigEndian(std::string_view text) {
    std::uint64_t value = 0;
    for (const char letter : text) value = value << 8 | static_cast<std::uint8_t>(letter);
    return value;
}

}  // namespace

std::optional<Frame> takeFrame(std::string_view& input) {
    if (input.size() < 2) return std::nullopt;
    const auto first = byteAt(input, 0);
    const auto second = byteAt(input, 1);
    if ((first & 0x70) != 0) throw std::runtime_error("a frame with a reserved bit came");
    if ((second & 0x80) != 0) throw std::runtime_error("a masked frame came from the server");
    std::uint64_t size = second & 0x7f;
    std::size_t headSize = 2;
    if (size >= 126) {
        const std::size_t sizeBytes = size == 126 ? 2 : 8;
        headSize += sizeBytes;
        if (input.size() < headSize) return std::nullopt;
        size = bigEndian(input.substr(2, sizeBytes));
    }
    if (input.size() - headSize < size) return std::nullopt;
    const Frame frame{static_cast<Opcode>(first & 0x0f), (first & 0x80) != 0,
                      input.substr(headSize, static_cast<std::size_t>(size))};
    input.remove_prefix(headSize + frame.payload.size());
    return frame;
}

void appendFrame(std::string& output, Opcode opcode, std::string_view payload) {
    // Any key will do against a server of our own; one with four different bytes shows a server that unmasks wrongly.
    static constexpr std::array<std::uint8_t, 4> key{0x37, 0xfa, 0x21, 0x3d};
    output.push_back(static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
    const auto size = payload.size();
    const auto appendSize = [&](int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            output.push_back(static_cast<char>(static_cast<std::uint64_t>(size) >> shift & 0xff));
    };
    if (size < 126) {
        output.push_back(static_cast<char>(0x80 | size));
    } else if (size < 65536) {
        output.push_back(static_cast<char>(0x80 | 126));
        appendSize(2);
    } else {
        output.push_back(static_cast<char>(0x80 | 127));
        appendSize(8);
    }
    for (const auto byte : key) output.push_back(static_cast<char>(byte));
    for (std::size_t index = 0; index < size; ++index)
        output.push_back(static_cast<char>(byteAt(payload, index) ^ key.at(index % key.size())));
}

std::string closeText(std::string_view payload) {
    if (payload.size() < 2) return "close without a code";
    return "close " + std::to_string(bigEndian(payload.substr(0, 2))) + " \"" + std::string(payload.substr(2)) + "\"";
}

}  // namespace websocket
