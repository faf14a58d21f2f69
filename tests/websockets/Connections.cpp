#include "Connections.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace websocket {
namespace {

constexpr long patienceSeconds = 60;
// As many requests are under way at a time: enough to keep a server busy, and below its queue of new connections.
constexpr std::size_t batch = 256;

// The sample of RFC 6455 section 1.3, so that the answer is known.
constexpr std::string_view upgradeHead =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view expectedAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

[[noreturn]] void failWith(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(0x7f000000 | host);
    return address;
}

Socket connectTo(std::uint16_t port, std::size_t source) {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.descriptor() < 0) failWith("cannot make a socket");
    const int on = 1;
    const timeval patience{patienceSeconds, 0};
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // The port is chosen when the destination is known, so that each source address has all of them.
    ::setsockopt(socket.descriptor(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const auto from = loopback(static_cast<std::uint32_t>(source), 0);
    if (::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        failWith("cannot connect from 127.0.0." + std::to_string(source));
    const auto to = loopback(1, port);
    if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        failWith("cannot connect to port " + std::to_string(port));
    return socket;
}

void sendAll(const Socket& socket, std::string_view text) {
    if (::send(socket.descriptor(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
        failWith("cannot send a request");
}

void readMore(Connection& connection) {
    std::array<char, 16384> buffer{};
    const auto got = ::recv(connection.socket.descriptor(), buffer.data(), buffer.size(), 0);
    if (got < 0) failWith("no answer");
    if (got == 0) throw std::runtime_error("closed in place of an answer; before that: \"" + connection.input + "\"");
    connection.input.append(buffer.data(), static_cast<std::size_t>(got));
}

/// Takes the head of an answer off the connection's input.
std::string readHead(Connection& connection) {
    while (connection.input.find("\r\n\r\n") == std::string::npos) readMore(connection);
    const auto size = connection.input.find("\r\n\r\n") + 4;
    auto head = connection.input.substr(0, size);
    connection.input.erase(0, size);
    return head;
}

std::size_t contentLength(const std::string& head) {
    std::string lower = head;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    });
    static constexpr std::string_view name = "\r\ncontent-length: ";
    const auto at = lower.find(name);
    if (at == std::string::npos) throw std::runtime_error("an answer without a length:\n" + head);
    std::size_t length = 0;
    std::from_chars(lower.data() + at + name.size(), lower.data() + lower.size(), length);
    return length;
}

void receiveUpgrade(Connection& connection) {
    const auto head = readHead(connection);
    if (!head.starts_with("HTTP/1.1 101 ") || head.find(expectedAccept) == std::string::npos)
        throw std::runtime_error("not a WebSocket:\n" + head + connection.input);
}

void receiveStreamHead(Connection& connection) {
    const auto head = readHead(connection);
    if (!head.starts_with("HTTP/1.1 200 ") || head.find("text/event-stream") == std::string::npos)
        throw std::runtime_error("not an event stream:\n" + head + connection.input);
}

void receiveWholeAnswer(Connection& connection) {
    const auto head = readHead(connection);
    if (!head.starts_with("HTTP/1.1 200 ")) throw std::runtime_error("not answered:\n" + head + connection.input);
    const auto length = contentLength(head);
    while (connection.input.size() < length) readMore(connection);
    connection.input.clear();
    connection.input.shrink_to_fit();
}

template <class Receive>
std::vector<Connection> openAll(const Target& target, std::size_t count, std::size_t sources, std::string_view fields,
                                Receive receive) {
    const std::string request = "GET " + target.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target.port) +
                                "\r\n" + std::string(fields) + "\r\n";
    std::vector<Connection> connections;
    connections.reserve(count);
    while (connections.size() < count) {
        const auto begin = connections.size();
        const auto end = std::min(count, begin + batch);
        while (connections.size() < end) {
            connections.push_back({connectTo(target.port, 1 + connections.size() % sources), {}});
            sendAll(connections.back().socket, request);
        }
        for (auto index = begin; index < end; ++index) {
            receive(connections[index]);
            const int descriptor = connections[index].socket.descriptor();
            ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
        }
    }
    return connections;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

Socket::~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Target Target::parse(std::string_view url) {
    auto rest = url;
    for (const std::string_view start : {"http://127.0.0.1:", "ws://127.0.0.1:"})
        if (url.starts_with(start)) rest = url.substr(start.size());
    Target target;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), target.port);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (error != std::errc{} || !rest.starts_with('/'))
        throw std::invalid_argument("\"" + std::string(url) + "\" is not like http://127.0.0.1:3000/path");
    target.path = rest;
    return target;
}

void raiseFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<Connection> openWebSockets(const Target& target, std::size_t count, std::size_t sources) {
    return openAll(target, count, sources, upgradeHead, receiveUpgrade);
}

std::vector<Connection> openEventStreams(const Target& target, std::size_t count, std::size_t sources) {
    return openAll(target, count, sources, "Accept: text/event-stream\r\n", receiveStreamHead);
}

std::vector<Connection> openKeptAlive(const Target& target, std::size_t count, std::size_t sources) {
    return openAll(target, count, sources, "", receiveWholeAnswer);
}

}  // namespace websocket
