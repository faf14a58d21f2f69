#pragma once

#include <Poco/Thread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace playhouse::host {

/// The threads on which handlers that may block, and plugins' tasks, run. Bounded in threads and in waiting work.
///
/// Runs on Poco::Thread, so that Poco's thread-local objects work in handlers. Safe from any thread.
class WorkerPool {
public:
    WorkerPool(std::size_t threads, std::size_t mostWaiting);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Runs `work` soon; false, with `work` untouched, when too much waits already or the pool has stopped. `work` must
    /// not throw.
    [[nodiscard]] bool submit(std::function<void()>&& work);

    /// Work that waits at this moment.
    std::size_t waiting() const;

    /// Finishes what was submitted, then ends the threads.
    void stop();

private:
    void run();

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::unique_ptr<Poco::Thread>> threads_;
    std::size_t mostWaiting_;
    bool stopping_ = false;
};

}  // namespace playhouse::host
