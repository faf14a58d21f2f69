#pragma once

#include "Tally.h"

#include <playhouse/Plugin.h>

#include <mutex>
#include <optional>

/// Viewers vote, and all of them see the count at once.
class ExamplePlugin final : public playhouse::Plugin {
public:
    void start(playhouse::PluginContext& context) override;

    std::optional<std::uint32_t> stateSchema() const override { return 1; }
    void saveState(playhouse::StateWriter& state) override;
    void loadState(const playhouse::StateReader& state) override;

private:
    playhouse::Response counts(const playhouse::Request& request);
    playhouse::Response vote(const playhouse::Request& request);
    void watch(playhouse::Channel& channel);
    void voteFrom(playhouse::Channel& channel, const playhouse::ChannelMessage& message);
    void count(std::string_view choice);

    playhouse::Channels* channels_ = nullptr;  // the context's
    std::mutex mutex_;                         // handlers run on many threads at once
    std::optional<Tally> tally_;               // guarded by mutex_
};
