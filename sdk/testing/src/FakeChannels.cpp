#include <playhouse/testing/FakeChannels.h>
#include <playhouse/testing/FakeRouter.h>

#include "FakeChannel.h"

#include <playhouse/Settings.h>
#include <playhouse/Utf8.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace playhouse::testing {
namespace {

/// The best of the route's subprotocols that the client offers, as the host chooses it (RFC 6455 section 4.2.2).
std::string agreedSubprotocol(const ChannelRoute& route, const Request& request) {
    const auto& spoken = route.options.subprotocols;
    if (spoken.empty() || route.protocol == ChannelRoute::Protocol::EventStream) return {};
    const auto offered = parseList(request.header("Sec-WebSocket-Protocol").value_or(""));
    for (const auto& name : spoken)
        if (std::find(offered.begin(), offered.end(), name) != offered.end()) return name;
    throw ApiError(400, "SUBPROTOCOL_REQUIRED", "none of the offered subprotocols is spoken here");
}

}  // namespace

FakeChannels::FakeChannels() = default;
FakeChannels::~FakeChannels() = default;

std::vector<FakeChannels::Publication> FakeChannels::publications() const {
    const std::scoped_lock lock(mutex_);
    return publications_;
}

std::size_t FakeChannels::subscribers(std::string_view topic) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::count_if(channels_.begin(), channels_.end(),
                                                  [&](const auto& channel) { return channel->subscribesTo(topic); }));
}

std::vector<Channel> FakeChannels::open() const {
    std::vector<Channel> open;
    for (auto& channel : channels())
        if (channel->isOpen()) open.emplace_back(channel);
    return open;
}

FakeClient FakeChannels::connect(std::shared_ptr<const ChannelRoute> route, Request request) {
    settle();
    auto subprotocol = agreedSubprotocol(*route, request);
    std::shared_ptr<detail::FakeChannel> channel;
    {
        const std::scoped_lock lock(mutex_);
        channel = std::make_shared<detail::FakeChannel>("channel-" + std::to_string(++lastId_), std::move(route),
                                                        request, std::move(subprotocol));
        channels_.push_back(channel);
    }
    try {
        channel->open(request);
    } catch (...) {
        const std::scoped_lock lock(mutex_);
        std::erase(channels_, channel);
        throw;
    }
    settle();
    return FakeClient(std::move(channel));
}

void FakeChannels::settle() {
    for (const auto& channel : channels()) channel->settle();
    const std::scoped_lock lock(mutex_);
    std::erase_if(channels_, [](const auto& channel) { return !channel->isOpen(); });
}

void FakeChannels::handOver(FakeChannels& next, const FakeRouter& router) {
    settle();
    std::vector<std::shared_ptr<detail::FakeChannel>> moved;
    {
        const std::scoped_lock lock(mutex_, next.mutex_);
        moved = std::exchange(channels_, {});
        next.channels_.insert(next.channels_.end(), moved.begin(), moved.end());
        next.lastId_ = std::max(next.lastId_, lastId_);
    }
    for (const auto& channel : moved) {
        auto route = router.channelRoute(channel->target());
        if (route != nullptr && route->protocol == channel->protocol())
            channel->resume(std::move(route));
        else
            channel->close(1001, "The service is switched off.");
    }
    next.settle();
}

void FakeChannels::publishAs(std::string_view topic, ChannelMessage::Kind kind, std::string_view data) {
    if (kind == ChannelMessage::Kind::Text && !isUtf8(data))
        throw std::invalid_argument("a text published to the topic \"" + std::string(topic) + "\" is not UTF-8");
    const std::scoped_lock lock(mutex_);
    publications_.push_back({std::string(topic), {kind, std::string(data)}});
    for (const auto& channel : channels_)
        if (channel->subscribesTo(topic)) channel->send(kind, data);
}

std::vector<std::shared_ptr<detail::FakeChannel>> FakeChannels::channels() const {
    const std::scoped_lock lock(mutex_);
    return channels_;
}

}  // namespace playhouse::testing
