#include "StagedRouter.h"

#include "routing/RoutePattern.h"

#include <chrono>
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
    const auto* channel = std::get_if<std::shared_ptr<const ChannelRoute>>(&route.handler);
    if (const auto& limit = channel ? (*channel)->options.rateLimit : route.options.rateLimit) checkLimit(*limit, name);
    if (!shapes_.emplace(route.method, pattern.shape()).second)
        throw std::invalid_argument("the route " + name + " is declared twice");
    routes_.push_back(std::move(route));
}

void StagedRouter::checkLimit(const RateLimit& limit, const std::string& route) {
    constexpr std::chrono::milliseconds longest = std::chrono::days(365);
    if (limit.requests == 0 || limit.window.count() < 1 || limit.window > longest)
        throw std::invalid_argument("the limit of the route " + route +
                                    " needs at least one request, and a window from 1 ms to 365 days");
    if (limit.group.empty()) return;
    const auto& first = groups_.try_emplace(limit.group, limit).first->second;
    if (first.requests != limit.requests || first.window != limit.window || first.by != limit.by)
        throw std::invalid_argument("the limit of the route " + route + " differs from that of others in the group \"" +
                                    limit.group + "\", with which it counts");
}

}  // namespace playhouse::host
