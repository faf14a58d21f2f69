#pragma once

#include "ChannelState.h"
#include "EdgeSettings.h"

#include "routing/RouteTable.h"

#include <playhouse/Request.h>
#include <playhouse/Response.h>

#include <optional>
#include <string>

namespace playhouse::host {

class EventLoop;
struct RateLimitStatus;

/// What becomes of a request for a channel: the opening handshake of RFC 6455 section 4.2, or an event stream.
class ChannelOpening {
public:
    /// Looks at `request`, which is for the channels of `entry`.
    static ChannelOpening consider(const Request& request, const RouteEntry& entry, const EdgeSettings& settings);

    /// Who the channel is to be; nothing when it is refused.
    std::optional<ChannelState::Identity> channel;

    /// 101 or 200 when it may open, else why not (400, 403, 426).
    Response answer(const Request& request) const;

private:
    void considerWebSocket(const Request& request, const RouteEntry& entry, const EdgeSettings& settings);
    void refuse(int status, const char* code, std::string message);

    std::string acceptKey_;
    int refusal_ = 0;
    std::string refusalCode_;
    std::string refusalMessage_;
};

/// What is sent first on a channel, before its messages.
struct ChannelHead {
    int status = 0;
    std::string text;
};
ChannelHead channelHead(const Request& request, Response answer, EventLoop& loop, bool isHttp10,
                        const RateLimitStatus* limit);

}  // namespace playhouse::host
