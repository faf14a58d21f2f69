#include <playhouse/Router.h>

namespace playhouse {
namespace {

Route channelRoute(std::string_view pattern, ChannelRoute::Protocol protocol, ChannelHandler handler,
                   ChannelOptions options) {
    const RouteOptions routeOptions(options.execution);
    return {Method::Get, std::string(pattern),
            std::make_shared<const ChannelRoute>(ChannelRoute{protocol, std::move(handler), std::move(options)}),
            routeOptions};
}

}  // namespace

Router::~Router() = default;

void Router::get(std::string_view pattern, Handler handler, RouteOptions options) {
    add({Method::Get, std::string(pattern), std::move(handler), options});
}

void Router::get(std::string_view pattern, DeferredHandler handler, RouteOptions options) {
    add({Method::Get, std::string(pattern), std::move(handler), options});
}

void Router::post(std::string_view pattern, Handler handler, RouteOptions options) {
    add({Method::Post, std::string(pattern), std::move(handler), options});
}

void Router::post(std::string_view pattern, DeferredHandler handler, RouteOptions options) {
    add({Method::Post, std::string(pattern), std::move(handler), options});
}

void Router::put(std::string_view pattern, Handler handler, RouteOptions options) {
    add({Method::Put, std::string(pattern), std::move(handler), options});
}

void Router::patch(std::string_view pattern, Handler handler, RouteOptions options) {
    add({Method::Patch, std::string(pattern), std::move(handler), options});
}

void Router::remove(std::string_view pattern, Handler handler, RouteOptions options) {
    add({Method::Delete, std::string(pattern), std::move(handler), options});
}

void Router::webSocket(std::string_view pattern, ChannelHandler handler, ChannelOptions options) {
    add(channelRoute(pattern, ChannelRoute::Protocol::WebSocket, std::move(handler), std::move(options)));
}

void Router::events(std::string_view pattern, ChannelHandler handler, ChannelOptions options) {
    add(channelRoute(pattern, ChannelRoute::Protocol::EventStream, std::move(handler), std::move(options)));
}

}  // namespace playhouse
