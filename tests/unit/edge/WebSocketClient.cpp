#include "WebSocketClient.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::host {

std::uint16_t ReceivedFrame::code() const {
    if (payload.size() < 2) return websocket::noStatus;
    return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                      static_cast<unsigned char>(payload[1]));
}

WebSocketClient::WebSocketClient(std::uint16_t port, std::string_view path, std::string_view headers)
    : connection_(port) {
    connection_.send("GET " + std::string(path) +
                     " HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                     std::string(headers) + "\r\n");
    handshake_ = connection_.receive(false);
    if (handshake_.status != 101)
        throw std::runtime_error("the handshake was answered " + std::to_string(handshake_.status));
}

std::string clientFrame(unsigned char first, std::string_view payload) {
    std::string frame;
    appendFrame(frame, WebSocketOpcode::Text, payload);
    const auto headSize = frame.size() - payload.size();
    frame[0] = static_cast<char>(first);
    frame[1] = static_cast<char>(frame[1] | '\x80');
    const std::string mask("\x11\x22\x33\x44");
    frame.insert(headSize, mask);
    for (std::size_t index = 0; index < payload.size(); ++index)
        frame[headSize + 4 + index] = static_cast<char>(frame[headSize + 4 + index] ^ mask[index % 4]);
    return frame;
}

void WebSocketClient::sendFrame(WebSocketOpcode opcode, std::string_view payload, bool isFinal) const {
    connection_.send(clientFrame(static_cast<unsigned char>((isFinal ? 0x80 : 0) | static_cast<int>(opcode)), payload));
}

void WebSocketClient::sendClose(std::uint16_t code, std::string_view reason) const {
    const char bytes[] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    sendFrame(WebSocketOpcode::Close, std::string(bytes, 2) + std::string(reason));
}

ReceivedFrame WebSocketClient::receive() {
    const auto head = connection_.take(2);
    const auto first = static_cast<unsigned char>(head[0]);
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size > 127) throw std::runtime_error("a server's frame is masked");
    if (size >= 126) {
        const auto bytes = connection_.take(size == 126 ? 2 : 8);
        size = 0;
        for (const auto byte : bytes) size = size << 8 | static_cast<unsigned char>(byte);
    }
    return {static_cast<WebSocketOpcode>(first & 0xf), (first & 0x80) != 0, (first & 0x40) != 0,
            connection_.take(size)};
}

std::string WebSocketClient::receiveText() {
    const auto frame = receive();
    if (frame.opcode != WebSocketOpcode::Text || !frame.isFinal || frame.isCompressed)
        throw std::runtime_error("no text, but a frame with the opcode " +
                                 std::to_string(static_cast<int>(frame.opcode)) + ": " + frame.payload);
    return frame.payload;
}

void WebSocketClient::sendChopped(std::string_view bytes, std::size_t size) const {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) sendBytes(bytes.substr(0, size));
}

void WebSocketClient::expect(WebSocketOpcode opcode, std::string_view payload) {
    const auto frame = receive();
    if (frame.opcode != opcode || !frame.isFinal || frame.isCompressed || frame.payload != payload)
        throw std::runtime_error("not what was expected, but a frame with the opcode " +
                                 std::to_string(static_cast<int>(frame.opcode)) + " and " +
                                 std::to_string(frame.payload.size()) + " bytes: " + frame.payload.substr(0, 100));
}

std::uint16_t WebSocketClient::receiveClose() {
    const auto frame = receive();
    if (frame.opcode != WebSocketOpcode::Close)
        throw std::runtime_error("no Close, but a frame with the opcode " +
                                 std::to_string(static_cast<int>(frame.opcode)) + ": " + frame.payload);
    sendClose(websocket::normal);
    endSending();
    if (!isClosed()) throw std::runtime_error("the server does not end the connection after both have said Close");
    return frame.code();
}

void expectFailure(std::uint16_t port, const std::string& name, std::string_view bytes, std::uint16_t code,
                   const std::vector<std::string>& echoed) {
    for (const auto size : {bytes.size(), std::size_t{1}}) {
        try {
            WebSocketClient client(port, "/ws");
            client.sendChopped(bytes, size);
            for (const auto& text : echoed) client.expect(WebSocketOpcode::Text, text);
            if (const auto got = client.receiveClose(); got != code)
                throw std::runtime_error("closed with " + std::to_string(got));
        } catch (const std::runtime_error& problem) {
            throw std::runtime_error(name + ", in pieces of " + std::to_string(size) + ": " + problem.what());
        }
    }
}

Route channelRoute(std::string pattern, ChannelHandler handler, ChannelOptions options,
                   ChannelRoute::Protocol protocol) {
    const RouteOptions routeOptions(options.execution);
    return {Method::Get, std::move(pattern),
            std::make_shared<const ChannelRoute>(ChannelRoute{protocol, std::move(handler), std::move(options)}),
            routeOptions};
}

ChannelHandler echo() {
    ChannelHandler handler;
    handler.message = [](Channel& channel, const ChannelMessage& message) {
        if (message.kind == ChannelMessage::Kind::Text)
            channel.send(message.data);
        else
            channel.sendBinary(std::as_bytes(std::span(message.data)));
    };
    return handler;
}

}  // namespace playhouse::host
