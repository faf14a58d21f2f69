#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace playhouse::host {

/// Where a limit stands after one request has been counted.
struct RateLimitStatus {
    bool isAllowed = true;
    std::uint32_t limit = 0;      ///< requests in a window
    std::uint32_t remaining = 0;  ///< of them, in this one
    std::chrono::milliseconds resetsIn{};
    std::chrono::system_clock::time_point resetsAt;
};

/// Counts requests in fixed windows, each of which begins with the first request of its key. Safe from any thread.
class RateLimiter {
public:
    virtual ~RateLimiter() = default;

    /// Counts one request of `key`, of which there may be `requests` in each `window`.
    virtual RateLimitStatus count(std::string_view key, std::uint32_t requests, std::chrono::milliseconds window) = 0;

    /// Whether count() may wait for another machine, and so is not for a connection's own loop.
    virtual bool waits() const noexcept = 0;
};

}  // namespace playhouse::host
