#pragma once

#include "platform/ChannelHub.h"

#include <playhouse/Channel.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

namespace playhouse::host {

/// What a handler was told, for the test's thread to wait for.
template <class Value>
class Told {
public:
    void tell(Value value) const { promise_->set_value(std::move(value)); }
    Value wait() const {
        if (future_.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
            throw std::runtime_error("a handler was not told");
        return future_.get();
    }

private:
    std::shared_ptr<std::promise<Value>> promise_ = std::make_shared<std::promise<Value>>();
    std::shared_future<Value> future_ = promise_->get_future().share();
};

/// Joins the topic that the path names, says so, and publishes to it what comes.
inline ChannelHandler topics(ChannelHub& hub) {
    ChannelHandler handler;
    handler.opened = [](const Request& request, Channel& channel) {
        channel.subscribe(request.pathParameter("topic"));
        channel.setAttribute("topic", request.pathParameter("topic"));
        channel.send("joined");
    };
    handler.message = [&hub](Channel& channel, const ChannelMessage& message) {
        hub.publish("test", *channel.attribute("topic"), message.kind, message.data);
    };
    return handler;
}

}  // namespace playhouse::host
