#include "Configuration.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>

namespace playhouse::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

milliseconds durationWithin(Settings& settings, const std::string& name, milliseconds fallback, milliseconds least,
                            milliseconds most) {
    const auto value = settings.duration(name, fallback);
    if (value < least || value > most)
        throw std::invalid_argument("plugin.auth." + name + " is " + std::to_string(value.count()) +
                                    " ms; it is to be from " + std::to_string(least.count()) + " ms to " +
                                    std::to_string(most.count()) + " ms");
    return value;
}

seconds secondsWithin(Settings& settings, const std::string& name, seconds fallback, seconds least, seconds most) {
    return std::chrono::duration_cast<seconds>(durationWithin(settings, name, fallback, least, most));
}

RateLimit limit(Settings& settings, const std::string& name, std::int64_t fallback, RateLimit::By by) {
    RateLimit limit;
    limit.requests = static_cast<std::uint32_t>(settings.integer(name, fallback, 1, 1'000'000));
    limit.window = 1min;
    limit.by = by;
    limit.group = name;
    return limit;
}

PasswordHasher::Parameters argon2Of(Settings& settings) {
    constexpr std::uint64_t kibibyte = 1024;
    const auto memory = settings.byteSize("argon2-memory", 19 * kibibyte * kibibyte);
    if (memory < 8 * kibibyte || memory > 1024 * kibibyte * kibibyte)
        throw std::invalid_argument("plugin.auth.argon2-memory is " + std::to_string(memory) +
                                    " bytes; it is to be from 8 KiB to 1 GiB");
    PasswordHasher::Parameters parameters;
    parameters.memory = static_cast<std::uint32_t>(memory / kibibyte);
    parameters.passes = static_cast<std::uint32_t>(settings.integer("argon2-passes", 2, 1, 100));
    return parameters;
}

LoginGuard::Settings guardOf(Settings& settings) {
    LoginGuard::Settings guard;
    guard.freeAttempts = static_cast<std::uint32_t>(settings.integer("login-free-attempts", 5, 1, 1000));
    guard.firstDelay = durationWithin(settings, "login-first-delay", 1s, 1ms, 1h);
    guard.longestDelay = durationWithin(settings, "login-longest-delay", 15min, guard.firstDelay, 24h);
    return guard;
}

std::int64_t halfTheCores() {
    return std::max<std::int64_t>(1, std::thread::hardware_concurrency() / 2);
}

}  // namespace

Configuration::Configuration(Settings& settings)
    : refreshLifetime(secondsWithin(settings, "refresh-lifetime", std::chrono::days(30), 1min, std::chrono::days(366))),
      refreshGrace(secondsWithin(settings, "refresh-grace", 10s, 0s, 5min)),
      sessionsPerUser(static_cast<std::size_t>(settings.integer("sessions-per-user", 50, 1, 10'000))),
      hashingThreads(static_cast<std::size_t>(settings.integer("hashing-threads", halfTheCores(), 1, 256))),
      hashingQueue(static_cast<std::size_t>(settings.integer("hashing-queue", 200, 1, 100'000))),
      argon2(argon2Of(settings)),
      guard(guardOf(settings)),
      shown{static_cast<std::size_t>(settings.integer("account-cache-size", 10'000, 1, 10'000'000)),
            durationWithin(settings, "account-cache-lifetime", 5s, 0ms, 1min)},
      registrations(limit(settings, "registrations-per-minute", 10, RateLimit::By::Address)),
      logins(limit(settings, "logins-per-minute", 60, RateLimit::By::Address)),
      refreshes(limit(settings, "refreshes-per-minute", 120, RateLimit::By::Address)),
      passwords(limit(settings, "password-changes-per-minute", 20, RateLimit::By::Address)),
      others(limit(settings, "requests-per-minute", 600, RateLimit::By::User)),
      hasDemoAccounts(settings.flag("demo-accounts", false)),
      tiers(settings) {}

}  // namespace playhouse::auth
