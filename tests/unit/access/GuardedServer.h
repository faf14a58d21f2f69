#pragma once

#include "../edge/TestServer.h"
#include "identity/TokenIdentities.h"
#include "limits/LocalRateLimiter.h"

#include <playhouse/testing/FakeClock.h>

#include <string>
#include <vector>

namespace playhouse::host {

/// The keys of a test's tokens.
inline std::shared_ptr<const TokenKeys> secretKeys() {
    return TokenKeys::ofSecret("0123456789abcdef0123456789abcdef");
}

/// A test server that knows tokens and limits, with a clock of its own.
struct GuardedServer {
    explicit GuardedServer(std::deque<Route> routes, EdgeSettings settings = {},
                           std::shared_ptr<const TokenKeys> keys = secretKeys(), RateLimiter* other = nullptr)
        : identities(std::move(keys), {}, clock, registry),
          server(std::move(routes), std::move(settings), &identities, other ? other : &limiter) {}

    testing::FakeClock clock;
    prometheus::Registry registry;
    TokenIdentities identities;
    LocalRateLimiter limiter{clock};
    TestServer server;

    std::uint16_t port() const { return server.port(); }

    std::string token(const std::string& user, const std::string& session = "s1", std::vector<std::string> roles = {}) {
        Identity identity;
        identity.userId = user;
        identity.sessionId = session;
        identity.roles = std::move(roles);
        return identities.issue(identity, std::chrono::hours(1));
    }

    /// The header line that says who asks.
    std::string as(const std::string& user, const std::string& session = "s1", std::vector<std::string> roles = {}) {
        return "Authorization: Bearer " + token(user, session, std::move(roles)) + "\r\n";
    }

    double figure(const std::string& name) const {
        double sum = 0;
        for (const auto& family : server.registry.Collect())
            if (family.name == name)
                for (const auto& metric : family.metric) sum += metric.counter.value;
        return sum;
    }
};

/// Says who asks: "nobody" or the user.
inline Handler who() {
    return [](const Request& request) { return Response::text(request.identity() ? request.user().userId : "nobody"); };
}

inline RouteOptions options(Access access, Execution execution = Execution::Inline) {
    RouteOptions options(execution);
    options.access = std::move(access);
    return options;
}

inline bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace playhouse::host
