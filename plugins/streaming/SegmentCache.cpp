#include "SegmentCache.h"

#include <utility>

namespace playhouse::streaming {

SegmentCache::SegmentCache(std::uint64_t capacity, Metrics metrics) : capacity_(capacity), metrics_(metrics) {}

SegmentCache::~SegmentCache() {
    metrics_.bytes.add(-static_cast<double>(bytes_));
}

SharedBuffer SegmentCache::getOrPackage(const SegmentKey& key, const std::function<SharedBuffer()>& package) {
    std::unique_lock lock(mutex_);
    while (true) {
        if (const auto held = index_.find(key); held != index_.end()) {
            entries_.splice(entries_.begin(), entries_, held->second);
            auto segment = held->second->segment;
            lock.unlock();
            metrics_.hits.add();
            return segment;
        }
        const auto running = packagings_.find(key);
        if (running == packagings_.end()) break;
        const auto packaging = running->second;
        packaged_.wait(lock, [&] { return packaging->isFinished; });
        if (!packaging->hasFailed) {
            auto segment = packaging->segment;
            lock.unlock();
            metrics_.hits.add();
            return segment;
        }
    }

    const auto packaging = std::make_shared<Packaging>();
    packagings_.emplace(key, packaging);
    lock.unlock();
    metrics_.misses.add();
    const auto finish = [&] {
        packaging->isFinished = true;
        packagings_.erase(key);
        packaged_.notify_all();
    };
    try {
        packaging->segment = package();
        lock.lock();
        hold(key, packaging->segment);
        finish();
        return packaging->segment;
    } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        packaging->hasFailed = true;
        finish();
        throw;
    }
}

void SegmentCache::hold(const SegmentKey& key, const SharedBuffer& segment) {
    if (segment.size() > capacity_) return;
    const auto before = bytes_;
    while (bytes_ + segment.size() > capacity_) {
        bytes_ -= entries_.back().segment.size();
        index_.erase(entries_.back().key);
        entries_.pop_back();
    }
    entries_.push_front({key, segment});
    index_.emplace(key, entries_.begin());
    bytes_ += segment.size();
    metrics_.bytes.add(static_cast<double>(bytes_) - static_cast<double>(before));
}

}  // namespace playhouse::streaming
