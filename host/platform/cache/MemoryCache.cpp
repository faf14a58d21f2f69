#include "MemoryCache.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <charconv>
#include <iterator>
#include <stdexcept>

namespace playhouse::host {
namespace {

/// What the list, the table and the allocator take for an entry, about.
constexpr std::size_t entryOverhead = 200;

}  // namespace

struct MemoryCache::Figures {
    explicit Figures(prometheus::Registry* registry) {
        if (!registry) return;
        const auto gauge = [&](const char* name, const char* help) {
            return &prometheus::BuildGauge().Name(name).Help(help).Register(*registry).Add({});
        };
        bytes = gauge("playhouse_cache_bytes", "Memory of the values that this process keeps");
        values = gauge("playhouse_cache_values", "Values that this process keeps");
        evicted = &prometheus::BuildCounter()
                       .Name("playhouse_cache_evicted_total")
                       .Help("Values that went before their time, for want of room")
                       .Register(*registry)
                       .Add({});
    }

    void show(std::size_t size, std::size_t count) const {
        if (!bytes) return;
        bytes->Set(static_cast<double>(size));
        values->Set(static_cast<double>(count));
    }

    prometheus::Gauge* bytes = nullptr;
    prometheus::Gauge* values = nullptr;
    prometheus::Counter* evicted = nullptr;
};

MemoryCache::MemoryCache(std::size_t capacity, const Clock& clock, prometheus::Registry* figures)
    : capacity_(capacity), clock_(clock), figures_(std::make_unique<Figures>(figures)) {}

MemoryCache::~MemoryCache() = default;

std::optional<std::string> MemoryCache::get(const std::string& key, WhenAway) {
    const std::lock_guard lock(mutex_);
    const auto entry = find(key);
    return entry == entries_.end() ? std::nullopt : std::optional(entry->value);
}

void MemoryCache::set(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive, WhenAway) {
    const std::lock_guard lock(mutex_);
    if (const auto entry = find(key); entry != entries_.end()) erase(entry);
    insert(key, value, timeToLive);
}

bool MemoryCache::add(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive, WhenAway) {
    const std::lock_guard lock(mutex_);
    if (find(key) != entries_.end()) return false;
    insert(key, value, timeToLive);
    return true;
}

std::int64_t MemoryCache::increment(const std::string& key, std::int64_t by, std::chrono::milliseconds timeToLive,
                                    WhenAway) {
    const std::lock_guard lock(mutex_);
    const auto entry = find(key);
    if (entry == entries_.end()) {
        insert(key, std::to_string(by), timeToLive);
        return by;
    }
    std::int64_t number = 0;
    const auto* end = entry->value.data() + entry->value.size();
    const auto [parsed, error] = std::from_chars(entry->value.data(), end, number);
    if (error != std::errc() || parsed != end) throw std::invalid_argument("the cached value is no whole number");
    std::int64_t sum = 0;
    if (__builtin_add_overflow(number, by, &sum))
        throw std::invalid_argument("the cached number would not fit into 64 bits");
    size_ -= costOf(*entry);
    entry->value = std::to_string(sum);
    size_ += costOf(*entry);
    makeRoom();
    return sum;
}

bool MemoryCache::remove(const std::string& key, WhenAway) {
    const std::lock_guard lock(mutex_);
    const auto entry = find(key);
    if (entry == entries_.end()) return false;
    erase(entry);
    figures_->show(size_, entries_.size());
    return true;
}

void MemoryCache::clear() {
    const std::lock_guard lock(mutex_);
    byKey_.clear();
    entries_.clear();
    size_ = 0;
    figures_->show(0, 0);
}

std::size_t MemoryCache::size() const {
    const std::lock_guard lock(mutex_);
    return size_;
}

std::size_t MemoryCache::costOf(const Entry& entry) {
    return entry.key.size() + entry.value.size() + entryOverhead;
}

MemoryCache::Entries::iterator MemoryCache::find(const std::string& key) {
    const auto found = byKey_.find(key);
    if (found == byKey_.end()) return entries_.end();
    const auto entry = found->second;
    if (clock_.steadyNow() >= entry->end) {
        erase(entry);
        return entries_.end();
    }
    entries_.splice(entries_.begin(), entries_, entry);
    return entry;
}

void MemoryCache::insert(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive) {
    entries_.push_front({key, std::string(value), clock_.steadyNow() + timeToLive});
    byKey_.emplace(entries_.front().key, entries_.begin());
    size_ += costOf(entries_.front());
    makeRoom();
}

void MemoryCache::erase(Entries::iterator entry) {
    size_ -= costOf(*entry);
    byKey_.erase(entry->key);
    entries_.erase(entry);
}

void MemoryCache::makeRoom() {
    while (size_ > capacity_ && !entries_.empty()) {
        erase(std::prev(entries_.end()));
        if (figures_->evicted) figures_->evicted->Increment();
    }
    figures_->show(size_, entries_.size());
}

}  // namespace playhouse::host
