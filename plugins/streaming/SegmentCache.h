#pragma once

#include "Container.h"

#include <playhouse/Metrics.h>
#include <playhouse/SharedBuffer.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace playhouse::streaming {

/// Which segment.
struct SegmentKey {
    std::uint64_t track = 0;  ///< PackagedTrack::serial, which a changed file does not keep
    Container container = Container::TransportStream;
    std::size_t number = 0;

    bool operator==(const SegmentKey&) const = default;
};

/// Media segments kept in memory, bounded by bytes, evicting the least recently used first.
///
/// Safe to call from any thread. A segment handed out stays valid after eviction for as long as it is held.
class SegmentCache {
public:
    struct Metrics {
        Counter& hits;
        Counter& misses;
        Gauge& bytes;
    };

    /// @param capacity  bytes of media held; 0 disables caching. A segment larger than that is handed out, not held.
    /// @param metrics   must outlive the cache
    SegmentCache(std::uint64_t capacity, Metrics metrics);

    /// Empties it, and takes its bytes off the metric.
    ~SegmentCache();

    SegmentCache(const SegmentCache&) = delete;
    SegmentCache& operator=(const SegmentCache&) = delete;

    bool isEnabled() const noexcept { return capacity_ > 0; }

    /// The segment of `key`, packaged by `package` when it is not held.
    ///
    /// Concurrent callers of one key wait for a single `package` call. Throws what `package` throws, to the caller that
    /// ran it; the others then run their own, and nothing is cached.
    SharedBuffer getOrPackage(const SegmentKey& key, const std::function<SharedBuffer()>& package);

private:
    struct Entry {
        SegmentKey key;
        SharedBuffer segment;
    };
    struct Hash {
        std::size_t operator()(const SegmentKey& key) const noexcept {
            return std::hash<std::uint64_t>()((key.track << 24U) ^ (key.number << 1U) ^
                                              static_cast<std::uint64_t>(key.container));
        }
    };
    /// A packaging that others wait for.
    struct Packaging {
        bool isFinished = false;
        bool hasFailed = false;
        SharedBuffer segment;
    };

    void hold(const SegmentKey& key, const SharedBuffer& segment);

    const std::uint64_t capacity_;
    const Metrics metrics_;
    std::mutex mutex_;
    std::condition_variable packaged_;
    std::list<Entry> entries_;  ///< the most recently used first
    std::unordered_map<SegmentKey, std::list<Entry>::iterator, Hash> index_;
    std::unordered_map<SegmentKey, std::shared_ptr<Packaging>, Hash> packagings_;
    std::uint64_t bytes_ = 0;
};

}  // namespace playhouse::streaming
