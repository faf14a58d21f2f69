#pragma once

#include "EdgeSettings.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace prometheus {
class Registry;
}

namespace playhouse::host {

class ChannelHub;
class RateLimiter;
class RouteTableSlot;
class TokenIdentities;
class WorkerPool;

/// The network edge: one event loop a core, each with its own listening sockets (SO_REUSEPORT), speaking HTTP/1.1 and
/// WebSocket, in clear and under TLS.
///
/// It parses and checks requests, finds their route in the table, runs the handler where it wants to run, and sends
/// what it answers. Nothing of Asio or Beast shows here.
class HttpServer {
public:
    /// What is given must outlive the server. Needs a table in `routes` before start(). Without `identities` no token
    /// is good, and without `limiter` no route has a limit.
    HttpServer(EdgeSettings settings, RouteTableSlot& routes, WorkerPool& workers, ChannelHub& channels,
               prometheus::Registry& registry, const TokenIdentities* identities = nullptr,
               RateLimiter* limiter = nullptr);
    ~HttpServer();

    /// Binds and begins to accept, over TLS too when the settings have a certificate. Throws std::runtime_error naming
    /// address and port when that fails.
    void start();

    /// The port in use; the real one when 0 was asked for.
    std::uint16_t port() const noexcept;

    /// The port of HTTPS in use; 0 without.
    std::uint16_t tlsPort() const noexcept;

    /// Stops accepting, lets running requests finish until `patience` is over, closes what idles, and ends the loops.
    /// True when every running request was answered.
    bool drain(std::chrono::milliseconds patience);

    /// Whether drain() has found a loop that an inline handler does not leave. The server can then not be destroyed,
    /// nor anything that it uses: the process is to be left.
    bool isStuck() const noexcept;

    /// From now on new connections and answers use these; addresses, ports and loops stay as they are.
    void reconfigure(const EdgeSettings& settings);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace playhouse::host
