#pragma once

#include "PluginError.h"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace playhouse::host {

/// Tells whoever waits within an action that the server shuts down, so that nothing waits out a deadline then. Safe
/// from any thread.
class ShutdownNotice {
public:
    using Time = std::chrono::steady_clock::time_point;

    void give() noexcept { given_.store(true, std::memory_order_release); }
    bool isGiven() const noexcept { return given_.load(std::memory_order_acquire); }

    /// Throws PluginError STOPPED once the notice is given.
    void check() const {
        if (isGiven()) throw PluginError("STOPPED", "the server is shutting down");
    }

    /// Calls `wait`, which waits for something until the time that it is given and says whether it came, until it came
    /// (true) or `deadline` is over (false). Throws PluginError STOPPED soon after the notice is given.
    template <class Wait>
    bool waitUntil(Time deadline, const Wait& wait) const {
        constexpr std::chrono::milliseconds attention{20};
        while (true) {
            const auto now = std::chrono::steady_clock::now();
            if (wait(std::min(deadline, now + attention))) return true;
            check();
            if (now >= deadline) return false;
        }
    }

private:
    std::atomic<bool> given_{false};
};

}  // namespace playhouse::host
