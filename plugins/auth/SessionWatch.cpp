#include "SessionWatch.h"

namespace playhouse::auth {

void SessionWatch::enforce(const Ending& ending) {
    if (!ending.sessionId.empty())
        identities_.endSession(ending.sessionId, ending.until);
    else
        identities_.endSessionsOf(ending.userId, ending.issuedBefore, ending.until);
}

void SessionWatch::enforce(const std::vector<Ending>& endings) {
    for (const auto& ending : endings) enforce(ending);
}

void SessionWatch::catchUp() {
    enforce(sessions_.endings());
}

}  // namespace playhouse::auth
