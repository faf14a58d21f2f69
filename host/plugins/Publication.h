#pragma once

#include "platform/ServiceRegistry.h"
#include "routing/LeaseGate.h"
#include "routing/RouteTable.h"

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace playhouse::host {

class Generation;

/// What clients and other plugins see of the generations: the route table and the services. One thread at a time.
class Publication {
public:
    /// One plugin's part of what is published: its generation, or, with none, the patterns that answer 503.
    struct Part {
        std::string pluginId;
        std::shared_ptr<Generation> generation;
        std::vector<std::string> disabledPatterns;
    };

    /// `slot` must outlive the publication.
    explicit Publication(RouteTableSlot& slot);

    /// Adds routes that are in every table from now on. Throws RouteCollision or std::invalid_argument, and adds none
    /// then.
    void addHostRoutes(std::vector<Route> routes, std::span<const Part> parts);

    /// The table of `parts`, the last of which is to blame for a collision. Throws PluginError ROUTE_COLLISION, or
    /// SERVICE_COLLISION when its services are offered by another plugin.
    std::shared_ptr<const RouteTable> build(std::span<const Part> parts) const;

    void publish(std::shared_ptr<const RouteTable> table) { slot_.publish(std::move(table)); }

    /// Lets requests that wait in a generation whose gate is held leave it. Safe from any thread.
    void announceHold() { slot_.announceHold(); }

    ServiceRegistry& services() noexcept { return services_; }

private:
    void checkServices(const Generation& generation) const;

    RouteTableSlot& slot_;
    ServiceRegistry services_;
    std::deque<Route> hostRoutes_;
    std::shared_ptr<LeaseGate> hostGate_ = LeaseGate::make();
};

/// The routes of `generation` as they are shown, such as "GET /stream/videos", in the order of declaration.
std::vector<std::string> routesOf(const Generation& generation);

/// The patterns of `generation`, each once.
std::vector<std::string> patternsOf(const Generation& generation);

}  // namespace playhouse::host
