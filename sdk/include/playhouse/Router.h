#pragma once

#include "ApiError.h"
#include "Request.h"
#include "Responder.h"
#include "Response.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace playhouse {

/// Answers a request by returning, or by throwing ApiError.
using Handler = std::function<Response(const Request&)>;

/// Answers a request later, from any thread, through the Responder. The request lives as long as the Responder.
using DeferredHandler = std::function<void(const Request&, Responder)>;

enum class Execution {
    Worker,  ///< on the host's worker pool; may block
    Inline,  ///< on the connection's own loop; must not wait for anything but the page cache
};

struct RouteOptions {
    RouteOptions(Execution how = Execution::Worker) : execution(how) {}

    Execution execution;

    /// Bytes of body accepted; beyond it the client gets 413. Absent: `http.maximum-body-size`.
    std::optional<std::size_t> maximumBodySize;
};

struct Route {
    Method method;
    std::string pattern;
    std::variant<Handler, DeferredHandler> handler;
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

    virtual void add(Route route) = 0;
};

}  // namespace playhouse
