#pragma once

#include "SessionStore.h"

#include <playhouse/Clock.h>
#include <playhouse/Identity.h>
#include <playhouse/Logger.h>

#include <mutex>
#include <vector>

namespace playhouse::auth {

/// Has access tokens refused whose session has ended. The store's notes outlive hosts and outages; the host's own list,
/// which every request is checked against, does not. Other hosts hear of an ending by the bus at once, and read it in
/// the store within seconds where that fails. Safe from any thread that may wait.
class SessionWatch {
public:
    /// What is given outlives this.
    SessionWatch(SessionStore& sessions, Identities& identities, const Clock& clock, Logger& logger)
        : sessions_(sessions), identities_(identities), clock_(clock), logger_(logger) {}

    /// From now on, on every host that the bus reaches.
    void enforce(const Ending& ending);
    void enforce(const std::vector<Ending>& endings);

    /// Takes over all that the store has noted: at the start. Throws as SessionStore.
    void catchUp();

    /// Takes over what hosts have noted since the last time that this or catchUp() did so; clocks may be a minute
    /// apart. A store that cannot be read is logged once, and nothing is missed for it.
    void follow();

private:
    SessionStore& sessions_;
    Identities& identities_;
    const Clock& clock_;
    Logger& logger_;
    std::mutex mutex_;
    Time followedUntil_{};
    bool hasFailed_ = false;
};

}  // namespace playhouse::auth
