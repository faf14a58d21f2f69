#include "PluginCache.h"

#include "platform/LoopThread.h"

#include <algorithm>
#include <stdexcept>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t mostKeyBytes = 512;
constexpr std::size_t mostValueBytes = 1024 * 1024;

/// Beyond any use, and far below what overflows when it is added to a time.
constexpr milliseconds longestTimeToLive = std::chrono::days(3650);

void checkValue(std::string_view value) {
    if (value.size() > mostValueBytes)
        throw std::length_error("a cached value has at most " + std::to_string(mostValueBytes) + " bytes, this one " +
                                std::to_string(value.size()));
}

milliseconds checked(milliseconds timeToLive) {
    if (timeToLive.count() < 1) throw std::invalid_argument("a cached value lives for at least 1 ms");
    return std::min(timeToLive, longestTimeToLive);
}

}  // namespace

std::string PluginCache::nameOf(std::string_view key) const {
    if (key.size() > mostKeyBytes)
        throw std::length_error("a cache key has at most " + std::to_string(mostKeyBytes) + " bytes, this one " +
                                std::to_string(key.size()));
    return prefix_ + std::string(key);
}

std::optional<std::string> PluginCache::get(std::string_view key, WhenAway whenAway) {
    return store_.get(nameOf(key), whenAway);
}

void PluginCache::set(std::string_view key, std::string_view value, milliseconds timeToLive, WhenAway whenAway) {
    checkValue(value);
    store_.set(nameOf(key), value, checked(timeToLive), whenAway);
}

bool PluginCache::add(std::string_view key, std::string_view value, milliseconds timeToLive, WhenAway whenAway) {
    checkValue(value);
    return store_.add(nameOf(key), value, checked(timeToLive), whenAway);
}

std::int64_t PluginCache::increment(std::string_view key, std::int64_t by, milliseconds timeToLive, WhenAway whenAway) {
    return store_.increment(nameOf(key), by, checked(timeToLive), whenAway);
}

bool PluginCache::remove(std::string_view key, WhenAway whenAway) {
    return store_.remove(nameOf(key), whenAway);
}

std::string PluginCache::getOrMake(std::string_view key, milliseconds timeToLive,
                                   const std::function<std::string()>& make, WhenAway whenAway) {
    const auto name = nameOf(key);
    const auto lifetime = checked(timeToLive);
    if (auto value = store_.get(name, whenAway)) return *std::move(value);
    const auto mine = std::make_shared<Making>();
    {
        std::unique_lock lock(mutex_);
        const auto [place, isMine] = makings_.emplace(name, mine);
        if (!isMine) return wait(lock, std::shared_ptr(place->second));
    }
    const auto finish = [&](std::exception_ptr problem) {
        const std::lock_guard lock(mutex_);
        mine->done = true;
        mine->problem = std::move(problem);
        makings_.erase(name);
        made_.notify_all();
    };
    try {
        // Another maker may have been faster than the look above.
        auto value = store_.get(name, whenAway);
        if (!value) {
            value = make();
            checkValue(*value);
            store_.set(name, *value, lifetime, whenAway);
        }
        mine->value = *value;
    } catch (...) {
        finish(std::current_exception());
        throw;
    }
    finish(nullptr);
    return mine->value;
}

std::string PluginCache::wait(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Making>& making) {
    if (making->thread == std::this_thread::get_id())
        throw std::logic_error("getOrMake() was called for a key inside of its own make()");
    if (isLoopThread())
        throw std::logic_error(
            "getOrMake() would wait for another caller's make(), and was called on a connection's loop, which must not "
            "wait; register the handler without Execution::Inline");
    made_.wait(lock, [&] { return making->done; });
    if (making->problem) std::rethrow_exception(making->problem);
    return making->value;
}

}  // namespace playhouse::host
