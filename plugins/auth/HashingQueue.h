#pragma once

#include "WorkThreads.h"

#include <playhouse/ApiError.h>
#include <playhouse/Metrics.h>

#include <cstddef>
#include <functional>

namespace playhouse::auth {

/// ApiError 503 LOGIN_BUSY, with details {"retryAfterSeconds": 1}.
ApiError loginsAreBusy();

/// Where requests that hash a password are answered: on a few threads of its own, so that a storm of logins takes no
/// worker from others, and no more memory than these threads need. They wait for HashingThreads. Safe from any thread.
class HashingQueue {
public:
    /// @param threads      at once, from 1; throws std::invalid_argument for 0
    /// @param mostWaiting  beyond the ones that are done
    HashingQueue(std::size_t threads, std::size_t mostWaiting, Gauge& waiting);

    /// Does `work`, which must not throw, on one of the threads. Throws loginsAreBusy() when as many wait as may, or
    /// after stop(): then `work` is destroyed undone.
    void submit(std::function<void()> work);

    /// Does what waits, and ends the threads.
    void stop() { threads_.stop(); }

private:
    const std::size_t mostWaiting_;
    WorkThreads threads_;
};

}  // namespace playhouse::auth
