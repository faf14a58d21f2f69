#pragma once

#include <playhouse/Metrics.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace playhouse::auth {

/// Where password hashing is done: on a few threads of its own at the lowest priority (nice 19), so that a storm of
/// logins leaves loops, workers and streaming alone, and takes no more memory than these threads need.
///
/// Safe from any thread.
class HashingQueue {
public:
    /// @param threads      at once, from 1
    /// @param mostWaiting  beyond the ones that are done
    HashingQueue(std::size_t threads, std::size_t mostWaiting, Gauge& waiting);

    /// As stop().
    ~HashingQueue();
    HashingQueue(const HashingQueue&) = delete;
    HashingQueue& operator=(const HashingQueue&) = delete;

    /// Does `work`, which must not throw, on one of the threads. Throws ApiError 503 LOGIN_BUSY, with details
    /// {"retryAfterSeconds": 1}, when as many wait as may, or after stop(): then `work` is destroyed undone.
    void submit(std::function<void()> work);

    /// Does what waits, and ends the threads.
    void stop();

private:
    class Threads;
    std::unique_ptr<Threads> threads_;
};

}  // namespace playhouse::auth
