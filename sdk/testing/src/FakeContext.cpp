#include <playhouse/testing/FakeContext.h>

#include <stdexcept>
#include <utility>

namespace playhouse::testing {

FakeContext::FakeContext(std::string pluginId, std::map<std::string, std::string> settings)
    : pluginId_(std::move(pluginId)), settings_(pluginId_, std::move(settings)), storage_(pluginId_) {}

void FakeContext::start(Plugin& plugin) {
    database_.migrate(&playhouse::detail::playhouseEmbeddedMigrations);
    plugin.start(*this);
    if (const auto unread = settings_.unread(); !unread.empty())
        throw std::invalid_argument("plugin." + pluginId_ + "." + unread.front() +
                                    " is a setting the plugin does not know");
}

Response FakeContext::request(Method method, std::string target, Headers headers, std::string body) {
    RequestParts parts;
    parts.method = method;
    parts.target = std::move(target);
    parts.headers = std::move(headers);
    parts.body = std::move(body);
    parts.clientAddress = "127.0.0.1";
    channels_.settle();
    const auto exchange = router_.send(std::move(parts));
    if (!exchange->isAnswered()) tasks_.runDue();
    channels_.settle();
    return exchange->takeResponse();
}

FakeClient FakeContext::connect(std::string target, Headers headers) {
    RequestParts parts;
    parts.target = std::move(target);
    parts.headers = std::move(headers);
    parts.clientAddress = "127.0.0.1";
    parts.requestId = "connection-" + std::to_string(++lastConnection_);
    const auto* route = std::get_if<std::shared_ptr<const ChannelRoute>>(&router_.route(parts).handler);
    if (route == nullptr) throw std::logic_error(parts.target + " has a route without channels");
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
}

}  // namespace playhouse::testing
