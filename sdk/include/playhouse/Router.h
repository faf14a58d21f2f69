#pragma once

#include "ApiError.h"
#include "Channel.h"
#include "Identity.h"
#include "Request.h"
#include "Responder.h"
#include "Response.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace playhouse {

/// Answers a request by returning, or by throwing ApiError.
using Handler = std::function<Response(const Request&)>;

/// Answers a request later, from any thread, through the Responder. The request lives as long as the Responder.
using DeferredHandler = std::function<void(const Request&, Responder)>;

enum class Execution {
    Worker,  ///< on the host's worker pool; may block
    Inline,  ///< on the connection's own loop; must not wait for anything but the page cache
};

/// How a route is served.
struct RouteOptions {
    RouteOptions(Execution how = Execution::Worker) : execution(how) {}

    Execution execution;

    /// Bytes of body accepted; beyond it the client gets 413. Absent: `http.maximum-body-size`.
    std::optional<std::size_t> maximumBodySize;

    /// Who may use it.
    Access access{};

    /// How often; absent: as often as they like.
    std::optional<RateLimit> rateLimit{};

    /// Asked first, on the connection's own loop, for an answer that is at hand, such as one kept in memory: the
    /// handler is not called then, and no worker is needed. It must not wait, whatever `execution` says, and throws as
    /// a Handler. Absent: the handler is called at once.
    std::function<std::optional<Response>(const Request&)> immediate{};
};

/// How the channels of a route are served.
struct ChannelOptions {
    ChannelOptions(Execution how = Execution::Worker) : execution(how) {}

    /// Where the handler's functions run.
    Execution execution;

    SlowConsumer slowConsumer = SlowConsumer::Close;

    /// Bytes of one message from the client; beyond it the channel is closed with 1009. Absent:
    /// `channels.maximum-message-size`.
    std::optional<std::size_t> maximumMessageSize{};

    /// Messages a second that the client may send, and as many at once after a pause; beyond it the channel is closed
    /// with 1008. 0: any number. Absent: `channels.maximum-message-rate`.
    std::optional<std::uint32_t> maximumMessageRate{};

    /// The subprotocols that this route speaks, best first. With some, a client that offers none of them is refused.
    std::vector<std::string> subprotocols{};

    /// Who may open one. A browser cannot send Authorization with a WebSocket or an EventSource: the token may also
    /// stand in the query, as access_token (RFC 6750 section 2.3), which no log shows.
    Access access{};

    /// How often one may be opened; absent: as often as they like.
    std::optional<RateLimit> rateLimit{};
};

/// A route whose clients stay: WebSockets (RFC 6455), or Server-Sent Events (HTML standard, section 9.2).
struct ChannelRoute {
    enum class Protocol { WebSocket, EventStream };
    Protocol protocol = Protocol::WebSocket;
    ChannelHandler handler{};
    ChannelOptions options{};
};

/// One route, as a plugin declared it.
struct Route {
    Method method;
    std::string pattern;
    std::variant<Handler, DeferredHandler, std::shared_ptr<const ChannelRoute>> handler;
    RouteOptions options;
};

/// Where a plugin declares what it answers. Usable only inside Plugin::start(), on the thread that calls it; nothing is
/// visible to clients before start() has returned and the host has published the generation.
///
/// A pattern is a path of literal segments, segments with one parameter (`{id}`, `segment-{n}.ts`; never empty, never
/// holding "/"), and optionally a last segment `{rest...}` that takes the whole remainder, which may hold "/". A
/// literal segment wins over one with a parameter, the longer literal text over the shorter, and `{rest...}` comes
/// last.
///
/// Each throws std::invalid_argument for a malformed pattern, or one that this plugin has declared already. A pattern
/// that another plugin holds makes the start of this one fail.
class Router {
public:
    virtual ~Router();

    void get(std::string_view pattern, Handler handler, RouteOptions options = {});
    void get(std::string_view pattern, DeferredHandler handler, RouteOptions options = {});
    void post(std::string_view pattern, Handler handler, RouteOptions options = {});
    void post(std::string_view pattern, DeferredHandler handler, RouteOptions options = {});
    void put(std::string_view pattern, Handler handler, RouteOptions options = {});
    void patch(std::string_view pattern, Handler handler, RouteOptions options = {});
    void remove(std::string_view pattern, Handler handler, RouteOptions options = {});

    /// WebSockets at `pattern`. A request that asks for none is answered 426.
    void webSocket(std::string_view pattern, ChannelHandler handler, ChannelOptions options = {});

    /// Server-Sent Events at `pattern`, for GET: a channel that only the server writes to. Each message is one event,
    /// without an id: a client that connects again gets what `opened` sends, and nothing of what it has missed.
    void events(std::string_view pattern, ChannelHandler handler, ChannelOptions options = {});

    /// What all of the above come to.
    virtual void add(Route route) = 0;
};

}  // namespace playhouse
