#pragma once

#include "SessionStore.h"

#include <playhouse/Identity.h>

#include <vector>

namespace playhouse::auth {

/// Has access tokens refused whose session or user has ended them. The store's notes outlive hosts and outages; the
/// host's own list, which every request is checked against, does not. Safe from any thread that may wait.
class SessionWatch {
public:
    /// What is given outlives this.
    SessionWatch(SessionStore& sessions, Identities& identities) : sessions_(sessions), identities_(identities) {}

    /// From now on, on every host that the bus reaches.
    void enforce(const Ending& ending);
    void enforce(const std::vector<Ending>& endings);

    /// Takes over what the store has noted: at the start, and when news of other hosts may have been missed.
    void catchUp();

private:
    SessionStore& sessions_;
    Identities& identities_;
};

}  // namespace playhouse::auth
