#include <playhouse/testing/FakeContext.h>

#include "RouteAccess.h"

#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace playhouse::testing {
namespace {

RequestParts partsOf(Method method, std::string target, Headers headers, std::string body) {
    RequestParts parts;
    parts.method = method;
    parts.target = std::move(target);
    parts.headers = std::move(headers);
    parts.body = std::move(body);
    parts.clientAddress = "127.0.0.1";
    return parts;
}

/// Who has the token that `parts` bring. Throws ApiError for one that is not good.
std::optional<Identity> identityOf(const RequestParts& parts, const Identities& identities, bool isChannel) {
    constexpr std::string_view scheme = "Bearer ";
    const auto field = parts.headers.find("Authorization").value_or("");
    if (equalsIgnoreCase(field.substr(0, scheme.size()), scheme)) return identities.verify(field.substr(scheme.size()));
    const auto inQuery = isChannel ? Request(parts).query("access_token") : std::nullopt;
    return inQuery ? std::optional(identities.verify(*inQuery)) : std::nullopt;
}

/// Whom the route of `parts` is for; everybody where there is none.
Access accessAt(const FakeRouter& router, RequestParts parts) {
    try {
        return accessOf(router.route(parts));
    } catch (const ApiError&) {
        return {};
    }
}

}  // namespace

FakeContext::FakeContext(std::string pluginId, std::map<std::string, std::string> settings)
    : pluginId_(std::move(pluginId)), settings_(pluginId_, std::move(settings)), storage_(pluginId_) {}

void FakeContext::start(Plugin& plugin) {
    database_.migrate(&playhouse::detail::playhouseEmbeddedMigrations);
    plugin.start(*this);
    bus_.endStart();
    if (const auto unread = settings_.unread(); !unread.empty())
        throw std::invalid_argument("plugin." + pluginId_ + "." + unread.front() +
                                    " is a setting the plugin does not know");
}

Response FakeContext::request(Method method, std::string target, Headers headers, std::string body) {
    auto parts = partsOf(method, std::move(target), std::move(headers), std::move(body));
    try {
        parts.identity = identityOf(parts, identity_, false);
    } catch (const ApiError& refusal) {
        // Who has no good token is nobody, on a route for everybody.
        if (!accessAt(router_, parts).isOpen()) return errorResponse(refusal);
    }
    return answerTo(std::move(parts));
}

Response FakeContext::requestAs(const Identity& who, Method method, std::string target, Headers headers,
                                std::string body) {
    auto parts = partsOf(method, std::move(target), std::move(headers), std::move(body));
    parts.identity = who;
    return answerTo(std::move(parts));
}

Response FakeContext::answerTo(RequestParts parts) {
    channels_.settle();
    const auto exchange = router_.send(std::move(parts));
    if (!exchange->isAnswered()) tasks_.runDue();
    channels_.settle();
    return exchange->takeResponse();
}

FakeClient FakeContext::connect(std::string target, Headers headers) {
    auto parts = partsOf(Method::Get, std::move(target), std::move(headers), {});
    try {
        parts.identity = identityOf(parts, identity_, true);
    } catch (const ApiError&) {
        if (!accessAt(router_, parts).isOpen()) throw;
    }
    return open(std::move(parts));
}

FakeClient FakeContext::connectAs(const Identity& who, std::string target, Headers headers) {
    auto parts = partsOf(Method::Get, std::move(target), std::move(headers), {});
    parts.identity = who;
    return open(std::move(parts));
}

FakeClient FakeContext::open(RequestParts parts) {
    parts.requestId = "connection-" + std::to_string(++lastConnection_);
    const auto* route = std::get_if<std::shared_ptr<const ChannelRoute>>(&router_.route(parts).handler);
    if (route == nullptr) throw std::logic_error(parts.target + " has a route without channels");
    checkAccess((*route)->options.access, parts.identity);
    return channels_.connect(*route, Request(std::move(parts)));
}

void FakeContext::swap(Plugin& plugin, FakeContext& nextContext, Plugin& next) {
    nextContext.database_.share(database_);
    nextContext.start(next);
    if (const auto schema = plugin.stateSchema(); schema && next.stateSchema()) {
        if (*schema > *next.stateSchema())
            throw std::invalid_argument("the state has schema " + std::to_string(*schema) +
                                        ", and the next version reads " + std::to_string(*next.stateSchema()) +
                                        " at most");
        FakeState state(*schema);
        plugin.saveState(state);
        next.loadState(state);
    }
    channels_.handOver(nextContext.channels_, nextContext.router_);
    bus_.revoke();
}

}  // namespace playhouse::testing
