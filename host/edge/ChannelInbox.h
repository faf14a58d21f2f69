#pragma once

#include "routing/RouteTable.h"

#include <playhouse/Channel.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace playhouse::host {

/// What has happened on a channel and the plugin is still to be told, in order. It belongs to the loop or, while a
/// worker runs the handler, its batch to that.
class ChannelInbox {
public:
    struct Resumed {};
    using Event = std::variant<Resumed, ChannelMessage, ChannelClosure>;

    bool empty() const noexcept { return events_.empty(); }

    /// Whether its client is to wait before it sends more.
    bool isFull() const noexcept;

    void add(ChannelMessage message);
    void add(ChannelClosure closure) { events_.emplace_back(std::move(closure)); }

    /// The handler is another generation's from now on: it hears of that before anything else.
    void resume();

    void clear();

    /// Leaves only that the channel has ended, if it has.
    void dropMessages();

    /// Puts back to the front what was taken and not told.
    void giveBack(std::vector<Event> events);

    /// Takes everything out.
    std::vector<Event> take();

private:
    std::vector<Event> events_;
    std::size_t bytes_ = 0;
};

/// Tells `handler` of `events`, with a lease of its generation. Returns what went wrong, for the log; nothing but the
/// channel's end is told then. Any thread.
std::string tell(const ChannelHandler& handler, Channel& channel, const std::vector<ChannelInbox::Event>& events);

}  // namespace playhouse::host
