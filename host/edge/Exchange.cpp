#include "Exchange.h"

#include "ChannelOpening.h"
#include "ChannelState.h"
#include "Cors.h"
#include "ErrorAnswers.h"
#include "LoopChannels.h"
#include "platform/ThrownText.h"
#include "routing/RequestContext.h"

#include <Poco/Logger.h>

namespace playhouse::host {
namespace {

std::string nameOf(const Request& request) {
    return std::string(toString(request.method())) + " " + request.path();
}

void logFailure(const std::string& request, const std::string& what) {
    Poco::Logger::get("http").error("A handler failed at " + request + ": " + what);
}

Response internalError(const Request& request, const std::string& what) {
    logFailure(nameOf(request), what);
    return errorAnswer(500, "INTERNAL_ERROR",
                       "Something failed inside the server. Its log has more, under the request id.",
                       {{"requestId", request.requestId()}});
}

}  // namespace

std::size_t Exchange::bodyLimit(const EdgeSettings& settings) const {
    return match_.entry ? match_.entry->options.maximumBodySize.value_or(settings.maximumBodySize) : 0;
}

void Exchange::route(EventLoop& loop) {
    auto newest = loop.routes();
    if (routes_ == newest) return;
    routes_ = std::move(newest);
    auto& parts = request_.parts();
    match_ = routes_->table->match(parts.method, parts.path, parts.pathParameters);
}

bool Exchange::isToBeGuarded(bool hasAuthorization) const {
    const auto* entry = match_.entry;
    if (!entry || (!entry->isGuarded && !hasAuthorization) || guardedVersion_ == routes_->version) return false;
    return entry->pluginId != hostRoutesOwner && !isPreflight(request_);
}

RequestGuard::Question Exchange::question(bool limitsAreOn) {
    auto& parts = request_.parts();
    RequestGuard::Question question{.entry = *match_.entry, .identity = parts.identity};
    question.isCounted = limitsAreOn && !limit_;
    if (match_.entry->options.rateLimit) question.clientAddress = parts.clientAddress;
    // Looked for even when it is not needed: what takes it out of the query must not depend on that.
    question.token = match_.entry->channel ? takeBearerToken(parts) : bearerTokenOf(parts.headers);
    return question;
}

void Exchange::letThrough(std::optional<Identity> identity, const std::optional<RateLimitStatus>& limit) {
    guardedVersion_ = routes_->version;
    request_.parts().identity = std::move(identity);
    if (!limit) return;
    limit_ = limit;
    if (!limit->isAllowed) routeFigures().countLimited();
}

Exchange::Entry Exchange::enter(EventLoop& loop, const std::function<void()>& resume, Response& refusal) {
    while (true) {
        route(loop);
        if (!match_.entry) {
            refusal = refusalOf(loop.settings());
            return Entry::Answered;
        }
        const auto& gate = match_.entry->gate;
        lease_ = gate->enter();
        if (lease_) return Entry::Entered;
        // A closed gate means that newer routes are published already: they are found in the next round.
        if (!gate->isHeld()) continue;
        switch (askedAgain_ ? gate->parkUncounted(resume) : gate->park(resume)) {
            case LeaseGate::Parking::Parked:
                return Entry::Parked;
            case LeaseGate::Parking::NotHeld:
                continue;
            case LeaseGate::Parking::Full:
                refusal = errorAnswer(503, "SERVICE_BUSY",
                                      "The service is being replaced, and too many requests wait for it.")
                              .withHeader("Retry-After", "1");
                return Entry::Answered;
        }
    }
}

Response Exchange::refusalOf(const EdgeSettings& settings) const {
    if (match_.disabledPlugin)
        return errorAnswer(503, "SERVICE_DISABLED",
                           "The service \"" + *match_.disabledPlugin + "\" is switched off, or has not started.",
                           {{"service", *match_.disabledPlugin}})
            .withHeader("Retry-After", "30");
    // RFC 9110 section 9.3.7: "OPTIONS *" asks for what the server can do, whatever the path.
    if (request_.path() == "*")
        return Response(204).withHeader("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    if (match_.allowedMethods.empty())
        return errorAnswer(404, "NOT_FOUND", "There is nothing at " + request_.path() + ".");
    if (request_.method() == Method::Options) return optionsAnswer(settings.cors, request_, match_.allowedMethods);
    const auto allowed = methodList(match_.allowedMethods);
    return errorAnswer(405, "METHOD_NOT_ALLOWED",
                       std::string(toString(request_.method())) + " is not possible here; these are: " + allowed + ".")
        .withHeader("Allow", allowed);
}

Response Exchange::run(EventLoop& loop) {
    const auto& handler = match_.entry->route->handler;
    if (match_.entry->channel) return openChannel(loop);
    return contained([&] { return std::get<Handler>(handler)(request_); });
}

std::optional<Response> Exchange::immediateAnswer() const {
    const auto& immediate = match_.entry->route->options.immediate;
    if (!immediate) return std::nullopt;
    bool isAtHand = true;
    auto answer = contained([&] {
        auto found = immediate(request_);
        isAtHand = found.has_value();
        return isAtHand ? *std::move(found) : Response(204);
    });
    if (isAtHand) return answer;
    handled_ = false;
    return std::nullopt;
}

Response Exchange::openChannel(EventLoop& loop) {
    const auto opening = ChannelOpening::consider(request_, *match_.entry, loop.settings());
    if (!opening.channel) return opening.answer(request_);
    const auto state = std::make_shared<ChannelState>(*opening.channel, loop.channels().orders(), loop.shared().hub);
    auto answer = contained([&] {
        const auto& route = *std::get<std::shared_ptr<const ChannelRoute>>(match_.entry->route->handler);
        Channel channel(state);
        if (route.handler.opened) route.handler.opened(request_, channel);
        channel_ = state;
        return opening.answer(request_);
    });
    if (!channel_) state->abandon();
    return answer;
}

Response Exchange::contained(const std::function<Response()>& handler) const {
    const RequestScope scope(request_.requestId());
    handled_ = true;
    try {
        return handler();
    } catch (const ApiError& error) {
        return errorAnswer(error);
    } catch (const std::exception& error) {
        return internalError(request_, thrownText(error));
    } catch (...) {
        return internalError(request_, "an exception that is no std::exception");
    }
}

void Exchange::defer(Responder responder) const {
    const RequestScope scope(request_.requestId());
    handled_ = true;
    // What a deferred handler throws destroys its responder, which answers 500 by itself; only the log is left to do.
    // The connection may be done with the request by then.
    const auto name = nameOf(request_);
    try {
        std::get<DeferredHandler>(match_.entry->route->handler)(request_, std::move(responder));
    } catch (const std::exception& error) {
        logFailure(name, thrownText(error));
    } catch (...) {
        logFailure(name, "an exception that is no std::exception");
    }
}

bool Exchange::isDeferred() const {
    return std::holds_alternative<DeferredHandler>(match_.entry->route->handler);
}

bool Exchange::isToBeAskedAgain(EventLoop& loop) const {
    const auto method = request_.method();
    if (!lease_ || (method != Method::Get && method != Method::Head)) return false;
    const auto& gate = match_.entry->gate;
    if (gate->isHeld()) return true;
    const auto newest = loop.routes();
    if (routes_ == newest) return false;
    std::vector<std::pair<std::string, std::string>> parameters;
    const auto match = newest->table->match(method, request_.path(), parameters);
    return match.entry && match.entry->gate != gate;
}

std::shared_ptr<Exchange> Exchange::askAgain() {
    auto again = std::make_shared<Exchange>();
    again->request_.parts() = request_.parts();
    again->limit_ = limit_;
    again->askedAgain_ = true;
    lease_.release();
    return again;
}

void Exchange::countFor(const RouteEntry& entry, bool isError) const {
    // What the host refused without asking the plugin, such as for want of workers, is no fault of the plugin.
    if (handled_ && entry.answers) entry.answers->count(isError);
}

RouteFigures& Exchange::routeFigures() const {
    return match_.entry ? *routes_->figures[match_.entry->index] : *routes_->unrouted;
}

void Exchange::countAbandoned(int status) {
    auto& figures = routeFigures();
    figures.count(status, std::chrono::steady_clock::now() - begin);
    figures.countAbandoned();
}

void Exchange::finish(int status, Ending ending) {
    if (!routes_) return;
    auto& figures = routeFigures();
    figures.count(status, std::chrono::steady_clock::now() - begin);
    if (ending == Ending::Cut) figures.countCut();
    if (match_.entry) countFor(*match_.entry, ending == Ending::Cut || status >= 500);
    clear();
}

void Exchange::clear() {
    lease_.release();
    askedAgain_ = false;
    handled_ = false;
    guardedVersion_ = 0;
    limit_.reset();
    channel_.reset();
    match_ = {};
    routes_.reset();
    auto& parts = request_.parts();
    parts.target.clear();
    parts.path.clear();
    parts.headers.clear();
    parts.body.clear();
    parts.pathParameters.clear();
    parts.identity.reset();
}

}  // namespace playhouse::host
