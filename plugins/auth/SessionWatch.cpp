#include "SessionWatch.h"

#include <playhouse/ApiError.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace playhouse::auth {
namespace {

/// How far the clocks of hosts may be apart, and how long a transaction may take.
constexpr std::chrono::minutes overlap{1};

}  // namespace

void SessionWatch::enforce(const Ending& ending) {
    identities_.endSession(ending.accessId, ending.until);
}

void SessionWatch::enforce(const std::vector<Ending>& endings) {
    for (const auto& ending : endings) enforce(ending);
}

void SessionWatch::catchUp() {
    const std::lock_guard lock(mutex_);
    const auto begun = clock_.now();
    sessions_.eachEnding([this](const Ending& ending) { identities_.takeEndedSession(ending.accessId, ending.until); });
    followedUntil_ = begun;
}

void SessionWatch::follow() {
    const std::lock_guard lock(mutex_);
    const auto begun = clock_.now();
    try {
        // A clock that was set back would hide what others note.
        for (const auto& ending : sessions_.endingsSince(std::min(followedUntil_, begun) - overlap))
            identities_.takeEndedSession(ending.accessId, ending.until);
        followedUntil_ = begun;
        hasFailed_ = false;
    } catch (const ApiError& error) {
        if (!hasFailed_)
            logger_.warning(
                std::string("sessions that end on other hosts are learnt by messages alone, until this ends: ") +
                error.what());
        hasFailed_ = true;
    }
}

}  // namespace playhouse::auth
