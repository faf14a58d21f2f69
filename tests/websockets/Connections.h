#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace websocket {

/// Owns a socket.
class Socket {
public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_ = -1;
};

/// Where clients connect to: 127.0.0.1, a port, and a path with its query.
struct Target {
    std::uint16_t port = 0;
    std::string path;

    /// Reads "http://127.0.0.1:3000/path" or "ws://127.0.0.1:3000/path". Throws std::invalid_argument for another form.
    static Target parse(std::string_view url);
};

/// A connection, and what has come in on it that nobody has taken.
struct Connection {
    Socket socket;
    std::string input;
};

/// Allows this process as many open files as it may have.
void raiseFileLimit();

/// Opens `count` WebSockets, from 127.0.0.1 to 127.0.0.`sources` in turn, which no single address has ports enough for
/// to some tens of thousands, and makes them non-blocking. Throws std::runtime_error when one is refused, with the
/// server's answer.
std::vector<Connection> openWebSockets(const Target& target, std::size_t count, std::size_t sources);

/// The same for event streams (HTML standard, section 9.2). `input` holds what came behind the head.
std::vector<Connection> openEventStreams(const Target& target, std::size_t count, std::size_t sources);

/// The same for HTTP connections, each of which has had one GET of the path answered with 200 and is kept alive.
std::vector<Connection> openKeptAlive(const Target& target, std::size_t count, std::size_t sources);

}  // namespace websocket
