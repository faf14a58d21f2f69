#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace playhouse::host {

/// The right to do what one alone may do at a time, for which others wait until a deadline. Any thread.
class SoleTurn {
public:
    /// False when others have it until `deadline`.
    bool take(std::chrono::steady_clock::time_point deadline) {
        std::unique_lock lock(mutex_);
        if (!free_.wait_until(lock, deadline, [this] { return !taken_; })) return false;
        taken_ = true;
        return true;
    }

    void giveBack() {
        {
            const std::lock_guard lock(mutex_);
            taken_ = false;
        }
        free_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable free_;
    bool taken_ = false;
};

}  // namespace playhouse::host
