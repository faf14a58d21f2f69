#pragma once

#include "RateLimiter.h"

#include <playhouse/Clock.h>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace playhouse::host {

/// Counts on this host alone, exactly.
///
/// Bounded: windows that are over go, and beyond `capacity` keys those that end soonest.
class LocalRateLimiter final : public RateLimiter {
public:
    /// `clock` must outlive this.
    explicit LocalRateLimiter(const Clock& clock, std::size_t capacity = 65536);

    RateLimitStatus count(std::string_view key, std::uint32_t requests, std::chrono::milliseconds window) override;
    bool waits() const noexcept override { return false; }

    /// Windows held.
    std::size_t size() const;

private:
    using Time = std::chrono::steady_clock::time_point;

    struct Window {
        std::uint64_t requests = 0;
        Time end;
    };
    /// Ordered, so that no client can choose keys that make a search long.
    using Windows = std::map<std::string, Window, std::less<>>;

    struct Shard {
        mutable std::mutex mutex;
        Windows windows;
        std::set<std::pair<Time, std::string_view>> byEnd;  ///< whose texts are the keys of `windows`

        void drop(Windows::iterator window);
    };

    const Clock& clock_;
    std::array<Shard, 16> shards_;
    const std::size_t capacityOfShard_;
};

}  // namespace playhouse::host
