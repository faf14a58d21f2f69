#pragma once

#include "CacheStore.h"

#include <playhouse/Cache.h>

#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace playhouse::host {

/// What one generation of a plugin sees of the cache: its own keys.
class PluginCache final : public Cache {
public:
    /// `store` outlives this.
    PluginCache(CacheStore& store, const std::string& pluginId) : store_(store), prefix_(pluginId + ":") {}

    std::optional<std::string> get(std::string_view key, WhenAway whenAway) override;
    void set(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway) override;
    bool add(std::string_view key, std::string_view value, std::chrono::milliseconds timeToLive,
             WhenAway whenAway) override;
    std::int64_t increment(std::string_view key, std::int64_t by, std::chrono::milliseconds timeToLive,
                           WhenAway whenAway) override;
    bool remove(std::string_view key, WhenAway whenAway) override;
    std::string getOrMake(std::string_view key, std::chrono::milliseconds timeToLive,
                          const std::function<std::string()>& make, WhenAway whenAway) override;

private:
    /// One call of `make`, for which others wait. Of one generation: what it throws may be of the plugin's library.
    struct Making {
        std::thread::id thread = std::this_thread::get_id();
        bool done = false;
        std::string value;
        std::exception_ptr problem;
    };

    std::string nameOf(std::string_view key) const;
    std::string wait(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Making>& making);

    CacheStore& store_;
    const std::string prefix_;
    std::mutex mutex_;
    std::condition_variable made_;
    std::map<std::string, std::shared_ptr<Making>> makings_;
};

}  // namespace playhouse::host
