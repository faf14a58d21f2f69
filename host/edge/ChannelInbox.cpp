#include "ChannelInbox.h"

#include "platform/ThrownText.h"
#include "routing/RequestContext.h"

#include <exception>
#include <iterator>
#include <utility>

namespace playhouse::host {
namespace {

constexpr std::size_t mostEvents = 64;
constexpr std::size_t mostEventBytes = 256 * 1024;

class Telling {
public:
    Telling(const ChannelHandler& handler, Channel& channel) : handler_(handler), channel_(channel) {}

    void operator()(const ChannelInbox::Resumed&) const {
        if (handler_.resumed) handler_.resumed(channel_);
    }
    void operator()(const ChannelMessage& message) const {
        if (handler_.message) handler_.message(channel_, message);
    }
    void operator()(const ChannelClosure& closure) const {
        if (handler_.closed) handler_.closed(channel_, closure);
    }

private:
    const ChannelHandler& handler_;
    Channel& channel_;
};

}  // namespace

bool ChannelInbox::isFull() const noexcept {
    return events_.size() >= mostEvents || bytes_ >= mostEventBytes;
}

void ChannelInbox::add(ChannelMessage message) {
    bytes_ += message.data.size();
    events_.emplace_back(std::move(message));
}

void ChannelInbox::resume() {
    if (events_.empty() || !std::holds_alternative<Resumed>(events_.front()))
        events_.insert(events_.begin(), Event(Resumed{}));
}

void ChannelInbox::clear() {
    events_ = {};
    bytes_ = 0;
}

void ChannelInbox::dropMessages() {
    std::erase_if(events_, [](const Event& event) { return !std::holds_alternative<ChannelClosure>(event); });
    bytes_ = 0;
}

void ChannelInbox::giveBack(std::vector<Event> events) {
    for (const auto& event : events)
        if (const auto* message = std::get_if<ChannelMessage>(&event)) bytes_ += message->data.size();
    events_.insert(events_.begin(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
}

std::vector<ChannelInbox::Event> ChannelInbox::take() {
    bytes_ = 0;
    return std::exchange(events_, {});
}

std::string tell(const ChannelHandler& handler, Channel& channel, const std::vector<ChannelInbox::Event>& events) {
    const RequestScope scope(channel.id());
    const Telling telling(handler, channel);
    std::string problem;
    for (const auto& event : events) {
        // After a failure the channel is closed; only that it has ended is told still.
        if (!problem.empty() && !std::holds_alternative<ChannelClosure>(event)) continue;
        try {
            std::visit(telling, event);
        } catch (const std::exception& thrown) {
            problem = "it threw: " + thrownText(thrown);
        } catch (...) {
            problem = "it threw something that is no std::exception";
        }
    }
    return problem;
}

}  // namespace playhouse::host
