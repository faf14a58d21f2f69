#include <playhouse/testing/FakeRouter.h>
#include <playhouse/testing/ResponseText.h>

#include "PathMatch.h"
#include "RouteAccess.h"

#include <boost/json/object.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace playhouse::testing {
namespace {

class FakeExchange final : public Exchange, public Responder::Sink {
public:
    explicit FakeExchange(RequestParts parts) : request(std::move(parts)) {}

    bool isAnswered() const override {
        const std::scoped_lock lock(mutex_);
        return response_.has_value();
    }
    Response takeResponse() override {
        const std::scoped_lock lock(mutex_);
        if (!response_) throw std::logic_error(request.target() + " has not been answered");
        return *std::exchange(response_, std::nullopt);
    }
    void hangUp() override { clientIsGone_ = true; }

    void answer(Response response) noexcept override {
        const std::scoped_lock lock(mutex_);
        response_ = std::move(response);
    }
    void fail(const ApiError& error) noexcept override { answer(errorResponse(error)); }
    void abandon() noexcept override { fail(ApiError(500, "INTERNAL_ERROR", "the handler gave no answer")); }
    bool clientIsGone() const noexcept override { return clientIsGone_; }

    Request request;

private:
    mutable std::mutex mutex_;
    std::optional<Response> response_;
    std::atomic<bool> clientIsGone_ = false;
};

/// The path of `target` without "." and "..", each segment decoded.
std::vector<std::string> decodedSegments(const std::string& target) {
    std::vector<std::string> segments;
    const auto encoded = splitPath(std::string_view(target).substr(0, target.find('?')));
    for (std::size_t index = 0; index < encoded.size(); ++index) {
        auto segment = percentDecoded(encoded[index]);
        if (!segment) throw ApiError::badRequest("the path is not percent-encoded as it should be");
        const bool isLast = index + 1 == encoded.size();
        if (*segment == ".." && !segments.empty()) segments.pop_back();
        if (*segment != "." && *segment != "..") {
            segments.push_back(*std::move(segment));
        } else if (isLast) {
            segments.emplace_back();
        }
    }
    return segments;
}

}  // namespace

void FakeRouter::add(Route route) {
    checkPattern(route.pattern);
    const bool isDeclared = std::any_of(routes_.begin(), routes_.end(), [&](const Route& other) {
        return other.method == route.method && shapeOf(other.pattern) == shapeOf(route.pattern);
    });
    if (isDeclared) throw std::invalid_argument("the pattern \"" + route.pattern + "\" is declared already");
    routes_.push_back(std::move(route));
}

const Route& FakeRouter::route(RequestParts& parts) const {
    const auto segments = decodedSegments(parts.target);
    parts.path.clear();
    for (const auto& segment : segments) parts.path.append("/").append(segment);
    const auto method = parts.method == Method::Head ? Method::Get : parts.method;
    const Route* best = nullptr;
    PathMatch bestMatch;
    std::string allowed;
    for (const auto& route : routes_) {
        auto match = matchPath(route.pattern, segments);
        if (!match) continue;
        allowed.append(allowed.empty() ? "" : ", ").append(toString(route.method));
        if (route.method != method || (best != nullptr && match->rank <= bestMatch.rank)) continue;
        best = &route;
        bestMatch = *std::move(match);
    }
    if (best == nullptr && !allowed.empty())
        throw ApiError(405, "METHOD_NOT_ALLOWED", parts.path + " answers " + allowed, {{"allow", allowed}});
    if (best == nullptr) throw ApiError::notFound("nothing answers " + parts.path);
    parts.pathParameters = std::move(bestMatch.parameters);
    return *best;
}

std::shared_ptr<const ChannelRoute> FakeRouter::channelRoute(const std::string& target) const {
    RequestParts parts;
    parts.target = target;
    try {
        const auto* found = std::get_if<std::shared_ptr<const ChannelRoute>>(&route(parts).handler);
        return found != nullptr ? *found : nullptr;
    } catch (const ApiError&) {
        return nullptr;
    }
}

std::shared_ptr<Exchange> FakeRouter::send(RequestParts parts) {
    if (!parts.target.starts_with('/')) throw std::invalid_argument("a target begins with \"/\": " + parts.target);
    if (parts.requestId.empty()) parts.requestId = "request-" + std::to_string(++lastRequest_);
    auto exchange = std::make_shared<FakeExchange>(std::move(parts));
    try {
        const auto& answering = route(exchange->request.parts());
        checkAccess(accessOf(answering), exchange->request.identity());
        std::optional<Response> immediate;
        if (answering.options.immediate) immediate = answering.options.immediate(exchange->request);
        if (immediate)
            exchange->answer(*std::move(immediate));
        else if (const auto* handler = std::get_if<Handler>(&answering.handler))
            exchange->answer((*handler)(exchange->request));
        else if (const auto* deferred = std::get_if<DeferredHandler>(&answering.handler))
            (*deferred)(exchange->request, Responder(exchange));
        else
            exchange->fail(ApiError(426, "UPGRADE_REQUIRED", "this route is for channels: see FakeContext::connect()"));
    } catch (const ApiError& error) {
        exchange->fail(error);
    }
    return exchange;
}

}  // namespace playhouse::testing
