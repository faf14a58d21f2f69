#include "Publication.h"

#include "Generation.h"
#include "PluginError.h"

#include <set>
#include <utility>

namespace playhouse::host {
namespace {

RouteEntry entryOf(const Route& route, const std::string& pluginId, const std::shared_ptr<LeaseGate>& gate,
                   const std::shared_ptr<AnswerCounts>& answers) {
    return RouteEntry{.method = route.method,
                      .pattern = RoutePattern(route.pattern),
                      .options = route.options,
                      .pluginId = pluginId,
                      .gate = gate,
                      .route = &route,
                      .answers = answers};
}

}  // namespace

Publication::Publication(RouteTableSlot& slot) : slot_(slot) {}

void Publication::addHostRoutes(std::vector<Route> routes, std::span<const Part> parts) {
    const auto before = hostRoutes_.size();
    try {
        for (auto& route : routes) hostRoutes_.push_back(std::move(route));
        publish(build(parts));
    } catch (const std::exception& problem) {
        while (hostRoutes_.size() > before) hostRoutes_.pop_back();
        if (dynamic_cast<const PluginError*>(&problem)) throw RouteCollision(problem.what());
        throw;
    }
}

std::shared_ptr<const RouteTable> Publication::build(std::span<const Part> parts) const {
    RouteTable::Builder builder;
    for (const auto& route : hostRoutes_) builder.add(entryOf(route, "host", hostGate_, nullptr));
    for (const auto& [pluginId, generation, disabledPatterns] : parts) {
        if (!generation) {
            std::set<std::string> shapes;
            for (const auto& pattern : disabledPatterns)
                if (shapes.insert(RoutePattern(pattern).shape()).second) builder.addDisabled(pattern, pluginId);
            continue;
        }
        checkServices(*generation);
        try {
            for (const auto& route : generation->routes())
                builder.add(entryOf(route, pluginId, generation->gate(), generation->answers()));
        } catch (const RouteCollision& collision) {
            throw PluginError("ROUTE_COLLISION",
                              std::string(collision.what()) + "; change the route in one of them, or disable one");
        }
    }
    return std::move(builder).build();
}

void Publication::checkServices(const Generation& generation) const {
    if (const auto conflict = services_.findConflict(generation.id(), generation.offers()))
        throw PluginError("SERVICE_COLLISION", "the plugins \"" + conflict->pluginId + "\" and \"" + generation.id() +
                                                   "\" both offer the service " + conflict->serviceId +
                                                   "; disable one of them");
}

std::vector<std::string> routesOf(const Generation& generation) {
    std::vector<std::string> routes;
    for (const auto& route : generation.routes())
        routes.push_back(std::string(toString(route.method)) + " " + route.pattern);
    return routes;
}

std::vector<std::string> patternsOf(const Generation& generation) {
    std::set<std::string> patterns;
    for (const auto& route : generation.routes()) patterns.insert(route.pattern);
    return {patterns.begin(), patterns.end()};
}

}  // namespace playhouse::host
