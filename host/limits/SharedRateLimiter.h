#pragma once

#include "AtomicScripts.h"
#include "LocalRateLimiter.h"

#include <playhouse/Clock.h>

#include <atomic>
#include <string_view>

namespace playhouse::host {

/// Counts over all hosts that share a Redis; on this host alone while that cannot be reached, which is logged once.
class SharedRateLimiter final : public RateLimiter {
public:
    /// Counts one request of KEYS[1], in a window of ARGV[1] milliseconds: answers the requests so far and the
    /// milliseconds to the window's end.
    static constexpr std::string_view script =
        "local count = redis.call('INCR', KEYS[1])\n"
        "local left = redis.call('PTTL', KEYS[1])\n"
        "if left < 0 then\n"
        "  redis.call('PEXPIRE', KEYS[1], ARGV[1])\n"
        "  left = tonumber(ARGV[1])\n"
        "end\n"
        "return {count, left}\n";

    /// All that is given must outlive this.
    SharedRateLimiter(AtomicScripts& scripts, const Clock& clock) : scripts_(scripts), clock_(clock), local_(clock) {}

    RateLimitStatus count(std::string_view key, std::uint32_t requests, std::chrono::milliseconds window) override;
    bool waits() const noexcept override { return true; }

private:
    AtomicScripts& scripts_;
    const Clock& clock_;
    LocalRateLimiter local_;
    std::atomic<bool> isAway_{false};
};

}  // namespace playhouse::host
