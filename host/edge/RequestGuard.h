#pragma once

#include "BearerToken.h"

#include "limits/RateLimiter.h"
#include "routing/RouteTable.h"

#include <playhouse/Identity.h>
#include <playhouse/Response.h>

#include <functional>
#include <optional>
#include <string>

namespace playhouse::host {

class TokenIdentities;

/// Stands before every handler: finds out who asks, counts what has a limit, and turns away who may not. Safe from any
/// thread.
class RequestGuard {
public:
    /// What it needs to know of a request; the request itself may go meanwhile.
    struct Question {
        const RouteEntry& entry;
        BearerToken token{};
        std::string clientAddress{};
        std::optional<Identity> identity{};  ///< who asks, when that is known already
        bool isCounted = true;               ///< whether its limit counts it
    };

    struct Passage {
        std::optional<Identity> identity{};
        std::optional<RateLimitStatus> limit{};
        std::optional<Response> refusal{};  ///< 401, 403 or 429
    };

    /// Null: no token is good; no route has a limit. What is given must outlive this.
    RequestGuard(const TokenIdentities* identities, RateLimiter* limiter) noexcept
        : identities_(identities), limiter_(limiter) {}

    /// The answer, or nothing when it would take longer than a loop should wait: then ask() a worker.
    /// Neither throws: what goes wrong inside is logged and answered 500.
    std::optional<Passage> askAtOnce(const Question& question) const;
    Passage ask(const Question& question) const;

private:
    struct Looked {
        std::optional<Identity> identity{};
        std::optional<ApiError> problem{};
    };

    Looked look(const Question& question) const;
    Passage contained(const std::function<Passage()>& work) const;
    Passage decide(const Question& question, Looked looked) const;

    const TokenIdentities* identities_;
    RateLimiter* limiter_;
};

}  // namespace playhouse::host
