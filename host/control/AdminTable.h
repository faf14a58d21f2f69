#pragma once

#include "routing/RouteTable.h"

#include <playhouse/Router.h>

#include <memory>
#include <vector>

namespace playhouse::host {

/// The routes of the admin API, with a table over them. Safe from any thread.
class AdminTable {
public:
    /// Each route has a Handler, and answers with a body that lies in memory.
    explicit AdminTable(std::vector<Route> routes);

    /// The answer of the route that `request` asks for: the envelope with 404, 405 or what the handler threw included.
    Response answer(RequestParts request) const noexcept;

private:
    Response dispatch(RequestParts request) const;

    std::vector<Route> routes_;
    std::shared_ptr<LeaseGate> gate_ = LeaseGate::make();
    std::shared_ptr<const RouteTable> table_;
};

}  // namespace playhouse::host
