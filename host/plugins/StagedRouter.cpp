#include "StagedRouter.h"

#include "routing/RoutePattern.h"

#include <stdexcept>
#include <utility>
#include <variant>

namespace playhouse::host {

void StagedRouter::open() {
    declaring_ = std::this_thread::get_id();
}

void StagedRouter::seal() {
    declaring_ = {};
}

void StagedRouter::add(Route route) {
    const auto name = std::string(toString(route.method)) + " " + route.pattern;
    if (declaring_ != std::this_thread::get_id())
        throw std::logic_error("the route " + name + " was declared outside of start(), or on another thread");
    if (std::visit([](const auto& handler) { return !handler; }, route.handler))
        throw std::invalid_argument("the route " + name + " has no handler");
    const RoutePattern pattern(route.pattern);
    if (!shapes_.emplace(route.method, pattern.shape()).second)
        throw std::invalid_argument("the route " + name + " is declared twice");
    routes_.push_back(std::move(route));
}

}  // namespace playhouse::host
