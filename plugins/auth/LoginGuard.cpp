#include "LoginGuard.h"

#include <playhouse/ApiError.h>

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace playhouse::auth {
namespace {

using std::chrono::milliseconds;

/// How often the longest delay a count lives, from its first failure on.
constexpr int delaysCounted = 4;

/// One thing that is counted: its key, and how many failures are free.
struct GuessCount {
    std::string key;
    std::uint64_t free;

    std::string countKey() const { return "login-failures:" + key; }
    std::string lockKey() const { return "login-lock:" + key; }
};

/// Who has one IPv6 address has a network of them.
std::string networkOf(std::string_view address) {
    const std::string text(address);
    Poco::Net::IPAddress parsed;
    if (!Poco::Net::IPAddress::tryParse(text, parsed) || parsed.family() != Poco::Net::IPAddress::IPv6 ||
        parsed.isIPv4Mapped())
        return text;
    return (parsed & Poco::Net::IPAddress(64u, Poco::Net::IPAddress::IPv6)).toString();
}

/// The first is of account and address. An address has no spaces, so no two pairs have one key.
std::array<GuessCount, 3> countsOf(std::string_view email, std::string_view address, std::uint64_t free) {
    const auto network = networkOf(address);
    const std::string account(email);
    return {{{"pair:" + network + " " + account, free},
             {"account:" + account, 4 * free},
             {"address:" + network, 10 * free}}};
}

milliseconds sinceEpoch(const Clock& clock) {
    return std::chrono::duration_cast<milliseconds>(clock.now().time_since_epoch());
}

milliseconds delayAfter(std::uint64_t failuresBeyond, milliseconds first, milliseconds longest) {
    auto delay = std::min(first, longest);
    for (; failuresBeyond > 1 && delay < longest; --failuresBeyond) delay = delay > longest / 2 ? longest : delay * 2;
    return delay;
}

}  // namespace

LoginGuard::LoginGuard(Cache& cache, Clock& clock, Settings settings)
    : cache_(cache), clock_(clock), settings_(settings) {}

void LoginGuard::check(std::string_view normalisedEmail, std::string_view address) {
    milliseconds wait{};
    for (const auto& count : countsOf(normalisedEmail, address, settings_.freeAttempts)) {
        const auto lock = cache_.get(count.lockKey());
        if (!lock) continue;
        milliseconds::rep end = 0;
        std::from_chars(lock->data(), lock->data() + lock->size(), end);
        // The cache ends the lock; hosts' clocks differ, so the time only tells about how long it is.
        wait = std::max(wait, std::clamp(milliseconds(end) - sinceEpoch(clock_), milliseconds(1),
                                         std::max(settings_.longestDelay, milliseconds(1))));
    }
    if (wait == milliseconds::zero()) return;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    throw ApiError(429, "LOGIN_LOCKED",
                   "There were too many failed logins. Try again in " + std::to_string(seconds) + " s.",
                   {{"retryAfterSeconds", seconds}});
}

void LoginGuard::failed(std::string_view normalisedEmail, std::string_view address) {
    for (const auto& count : countsOf(normalisedEmail, address, settings_.freeAttempts)) {
        const auto failures = static_cast<std::uint64_t>(
            cache_.increment(count.countKey(), 1, std::max(settings_.longestDelay * delaysCounted, milliseconds(1))));
        if (failures <= count.free) continue;
        const auto delay =
            std::max(delayAfter(failures - count.free, settings_.firstDelay, settings_.longestDelay), milliseconds(1));
        cache_.set(count.lockKey(), std::to_string((sinceEpoch(clock_) + delay).count()), delay);
    }
}

void LoginGuard::succeeded(std::string_view normalisedEmail, std::string_view address) {
    const auto pair = countsOf(normalisedEmail, address, settings_.freeAttempts).front();
    cache_.remove(pair.countKey());
    cache_.remove(pair.lockKey());
}

}  // namespace playhouse::auth
