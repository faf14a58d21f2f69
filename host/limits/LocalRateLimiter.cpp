#include "LocalRateLimiter.h"

#include <algorithm>
#include <tuple>

namespace playhouse::host {

LocalRateLimiter::LocalRateLimiter(const Clock& clock, std::size_t capacity)
    : clock_(clock), capacityOfShard_(std::max<std::size_t>(1, capacity / std::tuple_size_v<decltype(shards_)>)) {}

void LocalRateLimiter::Shard::drop(Windows::iterator window) {
    byEnd.erase({window->second.end, window->first});
    windows.erase(window);
}

RateLimitStatus LocalRateLimiter::count(std::string_view key, std::uint32_t requests,
                                        std::chrono::milliseconds window) {
    const auto now = clock_.steadyNow();
    auto& shard = shards_.at(std::hash<std::string_view>()(key) % shards_.size());
    std::uint64_t counted = 0;
    Time end;
    {
        const std::lock_guard lock(shard.mutex);
        while (!shard.byEnd.empty() && shard.byEnd.begin()->first <= now)
            shard.drop(shard.windows.find(shard.byEnd.begin()->second));
        auto found = shard.windows.find(key);
        if (found == shard.windows.end()) {
            if (shard.windows.size() >= capacityOfShard_) shard.drop(shard.windows.find(shard.byEnd.begin()->second));
            found = shard.windows.emplace(key, Window{0, now + window}).first;
            shard.byEnd.emplace(found->second.end, found->first);
        }
        counted = ++found->second.requests;
        end = found->second.end;
    }
    RateLimitStatus status;
    status.isAllowed = counted <= requests;
    status.limit = requests;
    status.remaining = status.isAllowed ? static_cast<std::uint32_t>(requests - counted) : 0;
    status.resetsIn = std::chrono::ceil<std::chrono::milliseconds>(end - now);
    status.resetsAt = clock_.now() + status.resetsIn;
    return status;
}

std::size_t LocalRateLimiter::size() const {
    std::size_t size = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        size += shard.windows.size();
    }
    return size;
}

}  // namespace playhouse::host
