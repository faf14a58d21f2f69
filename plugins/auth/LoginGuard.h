#pragma once

#include <playhouse/Cache.h>
#include <playhouse/Clock.h>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace playhouse::auth {

/// Slows down who guesses passwords: by account and address together, by account alone (with more patience, so that
/// nobody can lock out another easily), and by address alone. Each failure beyond a free number doubles how long the
/// next attempt has to wait, up to a limit; a login from the same address ends the count of the first kind. Counted in
/// the cache, so over all hosts with Redis, and the same for accounts that do not exist.
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

    /// Throws ApiError 429 LOGIN_LOCKED, with details {"retryAfterSeconds": N}, while an attempt has to wait. It says
    /// the same for an account that is not there. An IPv6 address counts by its network of 64 bits.
    void check(std::string_view normalisedEmail, std::string_view address);

    void failed(std::string_view normalisedEmail, std::string_view address);
    void succeeded(std::string_view normalisedEmail, std::string_view address);

private:
    Cache& cache_;
    Clock& clock_;
    const Settings settings_;
};

}  // namespace playhouse::auth
