#pragma once

#include "FakeClock.h"

#include <playhouse/Identity.h>

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace playhouse::testing {

/// Tokens without keys: "token-1", "token-2", ..., each good for as long as FakeClock says and its session lasts.
/// FakeContext takes them in Authorization as the host does. Safe from any thread.
class FakeIdentity final : public Identities {
public:
    using Time = std::chrono::system_clock::time_point;

    /// `clock` must outlive this.
    explicit FakeIdentity(const FakeClock& clock) : clock_(clock) {}

    std::string issue(const Identity& identity, std::chrono::seconds lifetime) override;
    std::chrono::seconds tokenLifetime() const override { return std::chrono::days(7); }

    /// Throws ApiError 401 TOKEN_MALFORMED for what issue() has not returned, TOKEN_EXPIRED and TOKEN_REVOKED.
    Identity verify(std::string_view token) const override;
    void endSession(std::string_view sessionId, Time until) override;
    void takeEndedSession(std::string_view sessionId, Time until) override;
    void endSessionsOf(std::string_view userId, Time before, Time until) override;
    boost::json::object publicKeys() const override;

    /// A token for a day, in place of a log-in: `context.identity().signIn({.userId = "ann", .roles = {"admin"}})`.
    std::string signIn(const Identity& identity) { return issue(identity, std::chrono::days(1)); }

    /// Whether endSession() was called for it.
    bool hasEnded(std::string_view sessionId) const;

private:
    const FakeClock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Identity, std::less<>> tokens_;
    std::set<std::string, std::less<>> endedSessions_;
    std::map<std::string, Time, std::less<>> endedUsers_;  ///< with the time before which tokens are refused
};

}  // namespace playhouse::testing
