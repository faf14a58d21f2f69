#pragma once

#include <playhouse/Metrics.h>

#include <Poco/RunnableAdapter.h>
#include <Poco/Thread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace playhouse::auth {

/// A queue of work, and the threads that do it, with all signals blocked: those are for the host's main thread. Safe
/// from any thread.
class WorkThreads {
public:
    /// Throws std::invalid_argument for no threads.
    ///
    /// @param niceness  0, or up to 19 for less than others get
    /// @param waiting   how many wait; null: not told; outlives this
    WorkThreads(const std::string& name, std::size_t count, int niceness, Gauge* waiting = nullptr);

    /// As stop().
    ~WorkThreads();
    WorkThreads(const WorkThreads&) = delete;
    WorkThreads& operator=(const WorkThreads&) = delete;

    /// Takes `work`, which must not throw. False, with `work` undone, when `mostWaiting` wait beside those for which a
    /// thread is idle, or after stop().
    bool post(std::function<void()> work, std::size_t mostWaiting);

    /// Does what waits, and ends the threads.
    void stop();

private:
    void run();
    void tell(int more) const;

    const int niceness_;
    Gauge* const waiting_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::size_t idle_ = 0;
    bool isStopped_ = false;
    std::mutex joining_;
    Poco::RunnableAdapter<WorkThreads> work_;
    std::vector<std::unique_ptr<Poco::Thread>> threads_;
};

}  // namespace playhouse::auth
