#pragma once

#include "EndedSessions.h"
#include "TokenClaims.h"
#include "TokenKeys.h"
#include "VerifiedTokens.h"

#include <playhouse/Clock.h>
#include <playhouse/Identity.h>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Tells other hosts which sessions have ended. Called on the thread that ends them; must not throw.
class SessionEndings {
public:
    using Time = std::chrono::system_clock::time_point;
    virtual ~SessionEndings() = default;
    virtual void sessionEnded(std::string_view sessionId, Time until) noexcept = 0;
    virtual void sessionsOfUserEnded(std::string_view userId, Time before, Time until) noexcept = 0;
};

/// The tokens of this server. Safe from any thread.
class TokenIdentities final : public Identities {
public:
    using Time = std::chrono::system_clock::time_point;

    /// The longest token looked at, in bytes.
    static constexpr std::size_t longestToken = 8192;

    /// `clock` and `registry` must outlive this.
    TokenIdentities(std::shared_ptr<const TokenKeys> keys, TokenRules rules, const Clock& clock,
                    prometheus::Registry& registry);

    /// Throws ApiError 503 TOKEN_KEY_MISSING too, when the server has public keys alone.
    std::string issue(const Identity& identity, std::chrono::seconds lifetime) override;
    Identity verify(std::string_view token) const override;
    std::chrono::seconds tokenLifetime() const override;
    boost::json::object publicKeys() const override;
    void endSession(std::string_view sessionId, Time until) override;
    void endSessionsOf(std::string_view userId, Time before, Time until) override;

    void takeEndedSession(std::string_view sessionId, Time until) override;

    /// What endSessionsOf() does on this host alone: for what another host tells.
    void takeEndedSessionsOf(std::string_view userId, Time before, Time until);

    /// From now on `endings` hears of what ends here; null: nobody. It must outlive this, or the next call.
    void announceTo(SessionEndings* endings) noexcept { endings_.store(endings, std::memory_order_release); }

    /// Who has this token, when it was verified lately and is good still; null does not say that it is bad. Takes a
    /// microsecond.
    std::shared_ptr<const Identity> known(std::string_view token) const;

    /// Whether verify() takes longer than a connection's own loop should spend on a token it has not seen.
    bool takesLong() const noexcept { return takesLong_.load(std::memory_order_relaxed); }

    /// Takes effect for the next token, also for one that was verified before.
    void reconfigure(std::shared_ptr<const TokenKeys> keys, TokenRules rules);

private:
    struct Terms {
        std::shared_ptr<const TokenKeys> keys;
        TokenRules rules;
        std::uint64_t epoch = 0;
    };

    Terms terms() const;
    Time remembered(Time until) const;
    Identity verifyAnew(std::string_view token, const Terms& terms) const;

    const Clock& clock_;
    prometheus::Counter& verified_;
    prometheus::Counter& cacheHits_;
    prometheus::Family<prometheus::Counter>& refused_;

    mutable std::mutex mutex_;
    Terms terms_;
    std::atomic<std::uint64_t> epoch_{0};
    std::atomic<bool> takesLong_{false};

    mutable VerifiedTokens cache_;
    EndedSessions ended_;
    std::atomic<SessionEndings*> endings_{nullptr};
};

}  // namespace playhouse::host
