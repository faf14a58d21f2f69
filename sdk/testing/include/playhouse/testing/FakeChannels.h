#pragma once

#include "FakeClient.h"

#include <playhouse/Channel.h>
#include <playhouse/Router.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::testing {

class FakeRouter;

/// Channels without sockets: what a plugin sends and publishes reaches each FakeClient at once.
///
/// A handler's `closed` is called when the plugin's function that ended the channel has returned: by the next thing
/// that the test does with the context or a client, or by settle(). Limits of sizes, rates and queues are the host's
/// and absent here. Safe from any thread.
class FakeChannels final : public Channels {
public:
    /// One call of publish() or publishBinary().
    struct Publication {
        std::string topic;
        ChannelMessage message;
    };

    FakeChannels();
    ~FakeChannels() override;

    /// What was published so far, in order.
    std::vector<Publication> publications() const;

    std::size_t subscribers(std::string_view topic) const override;
    std::vector<Channel> open() const override;

    /// Opens a channel of `route`, as FakeContext::connect() does.
    FakeClient connect(std::shared_ptr<const ChannelRoute> route, Request request);

    /// Calls the handlers' functions that are due.
    void settle();

    /// Moves every open channel to `next`, which the next generation of the plugin uses, with attributes, topics and
    /// clients. `router` is that generation's: a channel that none of its routes serves is closed with 1001.
    void handOver(FakeChannels& next, const FakeRouter& router);

protected:
    void publishAs(std::string_view topic, ChannelMessage::Kind kind, std::string_view data) override;

private:
    std::vector<std::shared_ptr<detail::FakeChannel>> channels() const;

    mutable std::mutex mutex_;
    std::vector<Publication> publications_;
    std::vector<std::shared_ptr<detail::FakeChannel>> channels_;
    std::uint64_t lastId_ = 0;
};

}  // namespace playhouse::testing
