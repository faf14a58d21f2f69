#include <playhouse/Router.h>

namespace playhouse {

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

}  // namespace playhouse
