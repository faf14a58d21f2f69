#pragma once

#include "EventLoop.h"
#include "RequestGuard.h"

#include "routing/LeaseGate.h"
#include "routing/RouteTable.h"

#include <playhouse/Request.h>
#include <playhouse/Response.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace playhouse::host {

class ChannelState;

/// One request on its way through a plugin: the request, the routes it was matched against, and the lease on the
/// generation that answers it. It holds nothing of the connection, so a handler may outlive its client.
class Exchange {
public:
    Exchange() : request_(RequestParts{}) {}

    Request& request() noexcept { return request_; }
    const Request& request() const noexcept { return request_; }

    /// What stands for the route: null when none answers.
    const RouteEntry* entry() const noexcept { return match_.entry; }

    /// Bytes of body that may come.
    std::size_t bodyLimit(const EdgeSettings& settings) const;

    /// Finds the route in the loop's newest routes, when they have changed since.
    void route(EventLoop& loop);

    enum class Entry {
        Entered,   ///< the lease is held: run()
        Answered,  ///< `refusal` says why not
        Parked,    ///< `resume` will be called from any thread; then enter again
    };

    /// Whether the guard is to look at it before its handler does: the route, or what the client sent, wants that, and
    /// it has not for these routes.
    bool isToBeGuarded(bool hasAuthorization) const;

    /// What the guard is to be asked. Takes a token out of the query of a request for a channel. Its entry lives as
    /// long as this, uncleared.
    RequestGuard::Question question(bool limitsAreOn);

    /// The guard has been asked: of its routes, for good.
    void letThrough(std::optional<Identity> identity, const std::optional<RateLimitStatus>& limit);

    /// Where the route's limit stands; null without one.
    const RateLimitStatus* limit() const noexcept { return limit_ ? &*limit_ : nullptr; }

    /// Takes a lease of the route's generation, following a swap to the newest routes.
    Entry enter(EventLoop& loop, const std::function<void()>& resume, Response& refusal);

    /// Runs an ordinary handler, or has a channel opened; what it throws becomes an answer. Needs a lease, on any
    /// thread.
    Response run(EventLoop& loop);

    /// What the route has at hand, if anything; what it throws becomes an answer. Needs a lease, on the loop.
    std::optional<Response> immediateAnswer() const;

    /// The channel that run() has opened, if any, to go on with in place of HTTP once its answer is sent.
    std::shared_ptr<ChannelState> takeChannel() noexcept { return std::move(channel_); }

    /// Runs a deferred handler with `responder`. Needs a lease, on any thread.
    void defer(Responder responder) const;

    bool isDeferred() const;

    /// Whether a request that waits for its answer is to be asked again: it changes nothing (GET, HEAD), and the
    /// generation that has it hands over its state, or has been replaced.
    bool isToBeAskedAgain(EventLoop& loop) const;

    /// The same request, as if it had just come, to be entered in the place of this one. The lease of this is given
    /// back, so that the generation can end however long its handler keeps the Responder.
    std::shared_ptr<Exchange> askAgain();
    bool isInline() const { return entry()->options.execution == Execution::Inline; }

    Lease anotherLease() const noexcept { return lease_.another(); }

    /// Gives the lease back before the answer is sent, which may take a slow client long: for an answer that holds no
    /// code of the plugin.
    void releaseLease() noexcept { lease_.release(); }

    enum class Ending {
        Whole,
        Cut,  ///< the plugin has failed to give the rest of the answer
    };

    /// Lets go of plugin and routes after counting the answer, and makes ready for the next request.
    void finish(int status, Ending ending = Ending::Whole);

    /// Whether the request has been routed and not yet been finished.
    bool isUnderWay() const noexcept { return routes_ != nullptr; }

    /// Counts what the client did not wait for. All else stays, as a handler may still be at work.
    void countAbandoned(int status);
    void clear();

    std::chrono::steady_clock::time_point begin{};

private:
    RouteFigures& routeFigures() const;
    Response refusalOf(const EdgeSettings& settings) const;
    Response openChannel(EventLoop& loop);
    Response contained(const std::function<Response()>& handler) const;

    /// Counts the answer for the generation that gave it, for its probation.
    void countFor(const RouteEntry& entry, bool isError) const;

    Request request_;
    std::shared_ptr<const EventLoop::Routes> routes_;
    RouteTable::Match match_;
    Lease lease_;

    std::uint64_t guardedVersion_ = 0;  // of the routes of which the guard has been asked
    std::optional<RateLimitStatus> limit_;

    /// Not counted among those that may wait while a gate is held: it has been admitted before.
    bool askedAgain_ = false;

    /// Set once a handler has been called, on the thread that calls it, before it can answer.
    mutable bool handled_ = false;
    std::shared_ptr<ChannelState> channel_;
};

}  // namespace playhouse::host
