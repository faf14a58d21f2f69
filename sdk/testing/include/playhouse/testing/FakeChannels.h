#pragma once

#include <playhouse/Channel.h>

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::testing {

/// Channels without sockets. Safe from any thread.
class FakeChannels final : public Channels {
public:
    struct Publication {
        std::string topic;
        ChannelMessage message;
    };

    /// What was published so far, in order.
    std::vector<Publication> publications() const;

    std::size_t subscribers(std::string_view topic) const override;
    std::vector<Channel> open() const override;

protected:
    void publishAs(std::string_view topic, ChannelMessage::Kind kind, std::string_view data) override;

private:
    mutable std::mutex mutex_;
    std::vector<Publication> publications_;
    std::vector<Channel> open_;
};

}  // namespace playhouse::testing
