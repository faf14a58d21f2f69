#pragma once

#include "CacheStore.h"

#include <playhouse/Clock.h>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace prometheus {
class Registry;
}

namespace playhouse::host {

/// Values in this process: at most so many bytes, the least recently used go first.
class MemoryCache final : public CacheStore {
public:
    /// @param capacity  bytes: of keys, of values, and about 200 more for each
    /// @param clock     outlives this, as does `figures`, which may be null
    MemoryCache(std::size_t capacity, const Clock& clock, prometheus::Registry* figures = nullptr);
    ~MemoryCache() override;

    std::optional<std::string> get(const std::string& key, WhenAway whenAway) override;
    void set(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway) override;
    bool add(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway) override;
    std::int64_t increment(const std::string& key, std::int64_t by, std::chrono::milliseconds timeToLive,
                           WhenAway whenAway) override;
    bool remove(const std::string& key, WhenAway whenAway) override;

    void clear();

    /// Bytes held now.
    std::size_t size() const;

private:
    struct Entry {
        std::string key;
        std::string value;
        std::chrono::steady_clock::time_point end;
    };
    using Entries = std::list<Entry>;
    struct Figures;

    static std::size_t costOf(const Entry& entry);

    /// The living entry of `key`, which counts as used now; end() for none. With the mutex held, as all below.
    Entries::iterator find(const std::string& key);
    void insert(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive);
    void erase(Entries::iterator entry);
    void makeRoom();

    const std::size_t capacity_;
    const Clock& clock_;
    const std::unique_ptr<Figures> figures_;
    mutable std::mutex mutex_;
    Entries entries_;  ///< the most recently used first
    std::unordered_map<std::string_view, Entries::iterator> byKey_;
    std::size_t size_ = 0;
};

}  // namespace playhouse::host
