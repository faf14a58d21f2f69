#include <playhouse/testing/FakeChannels.h>

#include <algorithm>

namespace playhouse::testing {

std::vector<FakeChannels::Publication> FakeChannels::publications() const {
    const std::scoped_lock lock(mutex_);
    return publications_;
}

std::size_t FakeChannels::subscribers(std::string_view topic) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::count_if(open_.begin(), open_.end(), [&](const Channel& channel) {
        const auto topics = channel.topics();
        return std::find(topics.begin(), topics.end(), topic) != topics.end();
    }));
}

std::vector<Channel> FakeChannels::open() const {
    const std::scoped_lock lock(mutex_);
    return open_;
}

void FakeChannels::publishAs(std::string_view topic, ChannelMessage::Kind kind, std::string_view data) {
    const std::scoped_lock lock(mutex_);
    publications_.push_back({std::string(topic), {kind, std::string(data)}});
}

}  // namespace playhouse::testing
