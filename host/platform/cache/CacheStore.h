#pragma once

#include <playhouse/Cache.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Where the values of all plugins lie, by keys that are already theirs; sizes are checked. See Cache for what each
/// function promises. Safe from any thread.
class CacheStore {
public:
    virtual ~CacheStore() = default;

    virtual std::optional<std::string> get(const std::string& key, WhenAway whenAway) = 0;
    virtual void set(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway) = 0;
    virtual bool add(const std::string& key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway) = 0;
    virtual std::int64_t increment(const std::string& key, std::int64_t by, std::chrono::milliseconds timeToLive,
                                   WhenAway whenAway) = 0;
    virtual bool remove(const std::string& key, WhenAway whenAway) = 0;
};

}  // namespace playhouse::host
