#pragma once

#include "Cache.h"

#include <functional>
#include <string>
#include <string_view>

namespace playhouse {

/// One message, as it arrives.
struct BusMessage {
    std::string topic;
    std::string payload;
    bool isLocal = false;  ///< published by this host
};

/// Messages between plugins and between hosts: in this process, or with `redis.url` to every host. Topics are common to
/// all plugins, and named for the plugin that owns them: "auth.session-ended".
///
/// A message reaches every subscription of every host at most once: what is published while a host cannot reach Redis
/// does not reach it. For what must not be missed, keep it in the database and let the message say that there is news.
/// Safe from any thread.
class Bus {
public:
    virtual ~Bus();

    /// Sends a message. Does not wait for those who get it. `topic`: from 1 to 256 bytes, else std::invalid_argument;
    /// `payload`: at most 1 MiB, else std::length_error. With WhenAway::Local subscriptions of this host get it all the
    /// same, and it waits for nothing but room in a queue; with Fail it is sent on return, and where it is not, no
    /// subscription gets it. On a connection's loop (Execution::Inline) it waits for neither.
    virtual void publish(std::string_view topic, std::string_view payload, WhenAway whenAway = WhenAway::Local) = 0;

    /// Calls `handler` on a worker for each message of `topic` from publication of this generation on, one after the
    /// other, in the order in which they came. Inside Plugin::start() alone, else std::logic_error. What it throws is
    /// logged. What waits at a swap goes to the next generation's subscription of the topic. When messages come faster
    /// than it takes them for long, the oldest are dropped and counted.
    virtual void subscribe(std::string_view topic, std::function<void(const BusMessage&)> handler) = 0;

    /// Calls `handler` on a worker after messages may have been missed: Redis was away from this host or from one that
    /// publishes, and is back. When it throws, as while a database is away, that is logged and it is called again:
    /// after 1 s and then less and less often, up to every 30 s, until it returns or this generation is retired. A gap
    /// that it has not looked after at a swap is told to the next generation. Inside start().
    virtual void onGap(std::function<void()> handler) = 0;
};

}  // namespace playhouse
