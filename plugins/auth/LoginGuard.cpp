#include "LoginGuard.h"

#include <playhouse/ApiError.h>

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <string>
#include <utility>

namespace playhouse::auth {
namespace {

using std::chrono::milliseconds;

/// How often the longest delay a count lives, from its first failure on.
constexpr int delaysCounted = 4;

/// Who has one IPv6 address has a network of them.
std::string networkOf(std::string_view address) {
    const std::string text(address);
    Poco::Net::IPAddress parsed;
    if (!Poco::Net::IPAddress::tryParse(text, parsed) || parsed.family() != Poco::Net::IPAddress::IPv6 ||
        parsed.isIPv4Mapped())
        return text;
    return (parsed & Poco::Net::IPAddress(64u, Poco::Net::IPAddress::IPv6)).toString();
}

/// Of these below, the address's.
constexpr std::size_t addressCount = 2;

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

LoginGuard::Attempt LoginGuard::begin(std::string_view normalisedEmail, std::string_view address) {
    return {*this, normalisedEmail, address};
}

void LoginGuard::refuseLocked(std::span<const GuessCount> counts) {
    milliseconds wait{};
    for (const auto& count : counts) {
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

/// Counts one failure; beyond the free ones the next has to wait. Whether this one need not: nobody else has been let
/// through before it that the lock would have kept it for.
bool LoginGuard::count(const GuessCount& count, bool& isLocking) {
    const auto failures =
        cache_.increment(count.countKey(), 1, std::max(settings_.longestDelay * delaysCounted, milliseconds(1)));
    if (failures <= static_cast<std::int64_t>(count.free)) return true;
    const auto beyond = static_cast<std::uint64_t>(failures) - count.free;
    const auto delay = std::max(delayAfter(beyond, settings_.firstDelay, settings_.longestDelay), milliseconds(1));
    isLocking = cache_.add(count.lockKey(), std::to_string((sinceEpoch(clock_) + delay).count()), delay);
    return isLocking;
}

LoginGuard::Attempt::Attempt(LoginGuard& guard, std::string_view email, std::string_view address)
    : guard_(guard), counts_(countsOf(email, address, guard.settings_.freeAttempts)) {
    guard_.refuseLocked(counts_);
    try {
        // The address alone is shared by many people, who may well log in at once: it counts when they fail.
        for (std::size_t index = 0; index < addressCount; ++index) {
            isCounted_[index] = true;
            if (guard_.count(counts_[index], isLocking_[index])) continue;
            guard_.refuseLocked(counts_);
            // The lock has gone this moment.
            throw ApiError(429, "LOGIN_LOCKED", "There were too many failed logins. Try again in 1 s.",
                           {{"retryAfterSeconds", 1}});
        }
    } catch (...) {
        takeBack();
        throw;
    }
}

LoginGuard::Attempt::~Attempt() {
    takeBack();
}

void LoginGuard::Attempt::failed() {
    isCounted_ = {};
    isLocking_ = {};
    bool isLocking = false;
    guard_.count(counts_[addressCount], isLocking);
}

void LoginGuard::Attempt::succeeded() {
    takeBack();
    guard_.cache_.remove(counts_.front().countKey());
    guard_.cache_.remove(counts_.front().lockKey());
}

void LoginGuard::Attempt::takeBack() noexcept {
    for (std::size_t index = 0; index < counts_.size(); ++index) {
        try {
            if (std::exchange(isLocking_[index], false)) guard_.cache_.remove(counts_[index].lockKey());
            if (std::exchange(isCounted_[index], false))
                guard_.cache_.increment(counts_[index].countKey(), -1,
                                        std::max(guard_.settings_.longestDelay * delaysCounted, milliseconds(1)));
        } catch (const std::exception&) {
            // It stays counted as failed, until the count is forgotten.
            continue;
        }
    }
}

}  // namespace playhouse::auth
