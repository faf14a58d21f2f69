#include "Plugin.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>

using namespace playhouse;

namespace {

/// The topic that everyone who watches subscribes to.
constexpr auto counted = "counted";

boost::json::object jsonOf(const Tally::Counts& counts) {
    boost::json::object json;
    for (const auto& [choice, count] : counts) json[choice] = count;
    return json;
}

}  // namespace

void ExamplePlugin::start(PluginContext& context) {
    // plugin.example.choices
    tally_.emplace(context.settings().list("choices", "yes, no"));
    channels_ = &context.channels();

    auto& router = context.router();
    router.get("/example/votes", [this](const Request& request) { return counts(request); });
    router.post("/example/votes/{choice}", [this](const Request& request) { return vote(request); });
    router.webSocket(
        "/example/live",
        {.opened = [this](const Request&, Channel& channel) { watch(channel); },
         .message = [this](Channel& channel, const ChannelMessage& message) { voteFrom(channel, message); }});

    context.logger().info("ready to count");
}

Response ExamplePlugin::counts(const Request&) {
    const std::scoped_lock lock(mutex_);
    return Response::json(jsonOf(tally_->counts()));
}

Response ExamplePlugin::vote(const Request& request) {
    const auto& choice = request.pathParameter("choice");
    try {
        count(choice);
    } catch (const std::out_of_range& problem) {
        throw ApiError::invalidParameter("choice", problem.what());
    }
    return Response(204);
}

void ExamplePlugin::watch(Channel& channel) {
    // Under the lock, so that no vote falls between what is sent and what is published from now on.
    const std::scoped_lock lock(mutex_);
    channel.subscribe(counted);
    channel.send(boost::json::serialize(jsonOf(tally_->counts())));
}

void ExamplePlugin::voteFrom(Channel& channel, const ChannelMessage& message) {
    try {
        count(message.data);
    } catch (const std::out_of_range& problem) {
        channel.close(1008, problem.what());
    }
}

void ExamplePlugin::count(std::string_view choice) {
    // Under the lock, so that counts are published in the order in which they were made.
    const std::scoped_lock lock(mutex_);
    const auto votes = tally_->vote(choice);
    channels_->publish(counted, boost::json::serialize(boost::json::object{{choice, votes}}));
}

void ExamplePlugin::saveState(StateWriter& state) {
    state.write(tally_->saved());
}

void ExamplePlugin::loadState(const StateReader& state) {
    if (state.schema() != 1)
        throw std::invalid_argument("cannot read state of schema " + std::to_string(state.schema()) + ", only of 1");
    tally_->restore(state.text());
}

PLAYHOUSE_PLUGIN(ExamplePlugin, "example", "0.1.0")
