#include "SessionEndingsBus.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>

namespace playhouse::host {
namespace {

using Time = SessionEndings::Time;

std::int64_t millisecondsOf(Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Throws std::out_of_range for one that no clock of this host can show.
Time timeAt(const boost::json::object& ending, std::string_view name) {
    using std::chrono::milliseconds;
    const milliseconds sinceEpoch(ending.at(name).as_int64());
    const auto latest = std::chrono::duration_cast<milliseconds>(Time::max().time_since_epoch());
    if (sinceEpoch < milliseconds(0) || sinceEpoch > latest)
        throw std::out_of_range("\"" + std::string(name) + "\" is no time: " + std::to_string(sinceEpoch.count()));
    return Time(sinceEpoch);
}

}  // namespace

SessionEndingsBus::SessionEndingsBus(BusHub& hub, TokenIdentities& identities)
    : identities_(identities), bus_(hub, "identity", gate_, logger_) {
    bus_.beginStart();
    bus_.subscribe(topic, [this](const BusMessage& message) { take(message); });
    bus_.endStart();
    bus_.goLive(nullptr);
    identities_.announceTo(this);
}

SessionEndingsBus::~SessionEndingsBus() {
    identities_.announceTo(nullptr);
    bus_.withdraw();
    gate_->close();
    while (!gate_->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::hours(1))) continue;
    bus_.revoke();
}

void SessionEndingsBus::sessionEnded(std::string_view sessionId, Time until) noexcept {
    tell({{"session", sessionId}, {"until", millisecondsOf(until)}});
}

void SessionEndingsBus::sessionsOfUserEnded(std::string_view userId, Time before, Time until) noexcept {
    tell({{"user", userId}, {"before", millisecondsOf(before)}, {"until", millisecondsOf(until)}});
}

void SessionEndingsBus::tell(const boost::json::object& ending) noexcept {
    try {
        bus_.publish(topic, boost::json::serialize(ending), WhenAway::Local);
    } catch (const std::exception& problem) {
        logger_.error(std::string("other hosts were not told that a session has ended: ") + problem.what());
    }
}

/// What is no such message throws, and the bus logs it.
void SessionEndingsBus::take(const BusMessage& message) {
    if (message.isLocal) return;
    const auto parsed = boost::json::parse(message.payload);
    const auto& ending = parsed.as_object();
    const auto until = timeAt(ending, "until");
    if (const auto* const user = ending.if_contains("user"))
        identities_.takeEndedSessionsOf(user->as_string(), timeAt(ending, "before"), until);
    else
        identities_.takeEndedSession(ending.at("session").as_string(), until);
}

}  // namespace playhouse::host
