#pragma once

#include "AccountCache.h"
#include "LoginGuard.h"
#include "PasswordHasher.h"
#include "Tiers.h"

#include <playhouse/Identity.h>
#include <playhouse/Settings.h>

#include <chrono>
#include <cstddef>

namespace playhouse::auth {

/// The plugin's settings, as config/playhouse.properties tells them.
struct Configuration {
    /// Reads them. Throws std::invalid_argument, naming the key, for what is out of bounds.
    explicit Configuration(Settings& settings);

    std::chrono::seconds refreshLifetime;
    std::chrono::seconds refreshGrace;
    std::size_t sessionsPerUser;
    std::size_t hashingThreads;
    std::size_t hashingQueue;
    PasswordHasher::Parameters argon2;
    LoginGuard::Settings guard;
    AccountCache::Settings shown;
    RateLimit registrations;
    RateLimit logins;
    RateLimit refreshes;
    RateLimit passwords;
    RateLimit others;
    bool hasDemoAccounts;
    Tiers tiers;
};

}  // namespace playhouse::auth
