#include "WebSocketCompression.h"

#include "WebSocketFrames.h"

#include <zlib.h>

#include <array>

namespace playhouse::host {
namespace {

// The end of a flushed block, which RFC 7692 section 7.2.1 leaves away.
constexpr std::string_view flushEnd("\x00\x00\xff\xff", 4);

constexpr int rawWindow = -15;
constexpr int level = 6;
constexpr int memoryLevel = 8;

Bytef* input(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

struct WebSocketCompression::Streams {
    z_stream deflating{};
    z_stream inflating{};
    bool canDeflate = false;
    bool canInflate = false;

    ~Streams() {
        if (canDeflate) deflateEnd(&deflating);
        if (canInflate) inflateEnd(&inflating);
    }
};

WebSocketCompression::WebSocketCompression() : streams_(std::make_unique<Streams>()) {}
WebSocketCompression::~WebSocketCompression() = default;

std::string WebSocketCompression::deflate(std::string_view message) {
    auto& stream = streams_->deflating;
    if (!streams_->canDeflate) {
        if (deflateInit2(&stream, level, Z_DEFLATED, rawWindow, memoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::runtime_error("zlib has no memory to compress a message");
        streams_->canDeflate = true;
    }
    deflateReset(&stream);
    std::string out(deflateBound(&stream, static_cast<uLong>(message.size())) + 16, '\0');
    stream.next_in = input(message);
    stream.avail_in = static_cast<uInt>(message.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (::deflate(&stream, Z_SYNC_FLUSH) != Z_OK || stream.avail_in != 0)
        throw std::runtime_error("zlib could not compress a message");
    out.resize(out.size() - stream.avail_out);
    if (std::string_view(out).ends_with(flushEnd)) out.resize(out.size() - flushEnd.size());
    return out;
}

std::string WebSocketCompression::inflate(std::string_view message, std::size_t mostBytes) {
    auto& stream = streams_->inflating;
    if (!streams_->canInflate) {
        if (inflateInit2(&stream, rawWindow) != Z_OK)
            throw WebSocketFault(websocket::internalError, "no memory to inflate a message");
        streams_->canInflate = true;
    }
    inflateReset(&stream);
    std::string out;
    std::array<char, 16 * 1024> piece{};
    for (const auto part : {message, flushEnd}) {
        stream.next_in = input(part);
        stream.avail_in = static_cast<uInt>(part.size());
        do {
            stream.next_out = reinterpret_cast<Bytef*>(piece.data());
            stream.avail_out = static_cast<uInt>(piece.size());
            const auto result = ::inflate(&stream, Z_SYNC_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                throw WebSocketFault(websocket::invalidPayload, "a compressed message is not deflated data");
            const auto count = piece.size() - stream.avail_out;
            if (count > mostBytes - out.size())
                throw WebSocketFault(websocket::messageTooBig,
                                     "messages are limited to " + std::to_string(mostBytes) + " bytes");
            out.append(piece.data(), count);
            // A final block may end a message early (RFC 7692 section 7.2.3.5); what follows it is not looked at.
            if (result == Z_STREAM_END) return out;
        } while (stream.avail_out == 0 || stream.avail_in > 0);
    }
    // Set by zlib between two blocks: a message that ends in the midst of one is not whole.
    constexpr int betweenBlocks = 128;
    if ((stream.data_type & betweenBlocks) == 0)
        throw WebSocketFault(websocket::invalidPayload, "a compressed message is not whole");
    return out;
}

}  // namespace playhouse::host
