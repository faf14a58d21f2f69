#pragma once

#include <playhouse/Router.h>

#include <deque>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace playhouse::host {

/// Takes a plugin's routes while its start() runs. They stay where they are until clear().
class StagedRouter final : public Router {
public:
    /// Lets the calling thread declare routes, until seal().
    void open();
    void seal();

    void add(Route route) override;

    const std::deque<Route>& routes() const noexcept { return routes_; }

    /// Destroys the routes with their handlers.
    void clear() { routes_.clear(); }

private:
    void checkLimit(const RateLimit& limit, const std::string& route);

    std::deque<Route> routes_;
    std::set<std::pair<Method, std::string>> shapes_;
    std::map<std::string, RateLimit> groups_;
    std::thread::id declaring_;
};

}  // namespace playhouse::host
