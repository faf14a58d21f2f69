#pragma once

#include <Poco/Thread.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace prometheus {
class Registry;
}

namespace playhouse::host {

/// The threads on which handlers that may block, and plugins' tasks, run. Bounded in threads and in waiting work.
///
/// Runs on Poco::Thread, so that Poco's thread-local objects work in handlers. Safe from any thread.
class WorkerPool {
public:
    /// @param figures  where to count waiting and running work, and the time it waited; null: nowhere. Outlives this.
    WorkerPool(std::size_t threads, std::size_t mostWaiting, prometheus::Registry* figures = nullptr);
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
    struct Figures;
    struct Work {
        std::function<void()> run;
        std::chrono::steady_clock::time_point since;
    };

    void run();

    const std::unique_ptr<Figures> figures_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> waiting_;
    std::vector<std::unique_ptr<Poco::Thread>> threads_;
    std::size_t mostWaiting_;
    bool stopping_ = false;
};

}  // namespace playhouse::host
