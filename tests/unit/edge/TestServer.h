#pragma once

#include "edge/HttpServer.h"
#include "platform/ChannelHub.h"
#include "platform/WorkerPool.h"
#include "routing/RouteTable.h"

#include <playhouse/Router.h>

#include <prometheus/registry.h>

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace playhouse::host {

/// A server on a free port of the loopback address, whose routes a test gives.
class TestServer {
public:
    explicit TestServer(std::deque<Route> routes, EdgeSettings settings = {},
                        const TokenIdentities* identities = nullptr, RateLimiter* limiter = nullptr);
    ~TestServer();

    std::uint16_t port() const { return server.port(); }

    prometheus::Registry registry;
    WorkerPool workers{2, 64};
    ChannelHub channels;
    RouteTableSlot slot;
    std::deque<Route> routes;
    std::shared_ptr<LeaseGate> gate = LeaseGate::make();
    HttpServer server;

    /// Publishes the routes under a gate, as a manager does.
    void publish(const std::shared_ptr<LeaseGate>& under);
};

/// An answer, as read from the wire.
struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

/// A client that sends what the test says, byte for byte.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(RawClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {}
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes) const;
    void endSending() const;

    /// Hangs up by a reset, which drops what is on its way.
    void reset();

    /// Whether the server says something, or closes, within `patience`.
    bool hasInput(std::chrono::milliseconds patience) const;

    /// Reads one answer; `hasBody` is false for an answer to HEAD. Throws std::runtime_error when the connection ends
    /// before it is whole.
    Answer receive(bool hasBody = true);

    /// Reads exactly `size` bytes. Throws std::runtime_error when the connection ends before.
    std::string take(std::size_t size);

    /// Whether the server closes now, with nothing more to say.
    bool isClosed();

    /// Sends GET for `target` with more header lines, each ending in CRLF, and reads the answer.
    Answer get(std::string_view target, std::string_view headers = {});

private:
    bool readMore();

    int socket_ = -1;
    std::string input_;
};

/// Answers with `text`.
inline Handler say(std::string text) {
    return [text = std::move(text)](const Request&) { return Response::text(text); };
}

Route route(Method method, std::string pattern, Handler handler, RouteOptions options = Execution::Inline);
Route deferredRoute(std::string pattern, DeferredHandler handler, RouteOptions options = Execution::Inline);

}  // namespace playhouse::host
