#pragma once

#include <playhouse/Cache.h>
#include <playhouse/Clock.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace playhouse::auth {

/// One thing that is counted: its key, and how many failures are free.
struct GuessCount {
    std::string key;
    std::uint64_t free;

    std::string countKey() const { return "login-failures:" + key; }
    std::string lockKey() const { return "login-lock:" + key; }
};

/// Slows down who guesses passwords: by account and address together, by account alone (with more patience, so that
/// nobody can lock out another easily), and by address alone. Each failure beyond a free number doubles how long the
/// next attempt has to wait, up to a limit; a login from the same address ends the count of the first kind. Counted in
/// the cache, so over all hosts with Redis (each by itself while that is away), and the same for accounts that do not
/// exist.
///
/// Safe from any thread that may wait.
class LoginGuard {
public:
    struct Settings {
        std::uint32_t freeAttempts = 5;  ///< by account and address; 4 times as many by account, 10 times by address
        std::chrono::milliseconds firstDelay{1000};
        std::chrono::milliseconds longestDelay{std::chrono::minutes(15)};
    };

    /// What is given by reference outlives this.
    LoginGuard(Cache& cache, Clock& clock, Settings settings);

    /// One guess that has been let through. It counts as failed from then on, so that of many at once no more are let
    /// through than of as many in turn; one that ends without a word is taken back. Not beyond its guard.
    class Attempt {
    public:
        Attempt(Attempt&&) = delete;
        ~Attempt();

        void failed();
        void succeeded();

    private:
        friend class LoginGuard;
        Attempt(LoginGuard& guard, std::string_view email, std::string_view address);
        void takeBack() noexcept;

        LoginGuard& guard_;
        const std::array<GuessCount, 3> counts_;
        std::array<bool, 3> isCounted_{};
        std::array<bool, 3> isLocking_{};
    };

    /// Lets a guess through. Throws ApiError 429 LOGIN_LOCKED, with details {"retryAfterSeconds": N}, while it has to
    /// wait. It says the same for an account that is not there. An IPv6 address counts by its network of 64 bits.
    Attempt begin(std::string_view normalisedEmail, std::string_view address);

private:
    void refuseLocked(std::span<const GuessCount> counts);
    bool count(const GuessCount& count, bool& isLocking);

    Cache& cache_;
    Clock& clock_;
    const Settings settings_;
};

}  // namespace playhouse::auth
