#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace playhouse {

/// What a call does while Redis cannot be reached, and a write while Redis is full and refuses it.
enum class WhenAway {
    Fail,   ///< throws ApiError 503, CACHE_UNAVAILABLE or BUS_UNAVAILABLE, within `redis.patience`, at once once it is
            ///< known
    Local,  ///< does what it can on this host alone; what it keeps is forgotten when Redis is back, or has room again
};

/// Values that may be lost: in this process (at most `cache.size` bytes, the least recently used go first), or in Redis
/// with `redis.url`, and then one for all hosts. Each plugin has its own keys.
///
/// Safe from any thread; with Redis it waits, so handlers that use it are not Inline. Keys: at most 512 bytes, values
/// at most 1 MiB; else std::length_error. Times to live: from 1 ms, else std::invalid_argument. With Redis, calls on a
/// connection's loop throw std::logic_error.
class Cache {
public:
    virtual ~Cache();

    virtual std::optional<std::string> get(std::string_view key, WhenAway whenAway = WhenAway::Local) = 0;

    virtual void set(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway = WhenAway::Local) = 0;

    /// As set(), when there is no value. Whether there was none. One caller of all hosts gets true; with
    /// WhenAway::Local and no Redis to write to, one of each host.
    virtual bool add(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
                     WhenAway whenAway = WhenAway::Local) = 0;

    /// Adds `by` to a whole number, which begins at 0 and lives for `timeToLive` from its beginning; returns the sum.
    /// Throws std::invalid_argument when the value is no number, or the sum none of 64 bits.
    virtual std::int64_t increment(std::string_view key, std::int64_t by, std::chrono::milliseconds timeToLive,
                                   WhenAway whenAway = WhenAway::Local) = 0;

    /// Whether there was a value.
    virtual bool remove(std::string_view key, WhenAway whenAway = WhenAway::Local) = 0;

    /// The value, or what `make` returns, which is then set. Concurrent callers on this host wait for one `make`; what
    /// it throws goes to all of them. A make() that asks for its own key gets std::logic_error, and so does, with Redis
    /// or without, a call on a connection's loop that would have to wait for another's make().
    virtual std::string getOrMake(std::string_view key, std::chrono::milliseconds timeToLive,
                                  const std::function<std::string()>& make, WhenAway whenAway = WhenAway::Local) = 0;
};

}  // namespace playhouse
