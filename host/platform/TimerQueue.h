#pragma once

#include <Poco/Thread.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace playhouse::host {

/// Calls functions at their time, on one thread of its own. Safe from any thread.
class TimerQueue {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Id = std::uint64_t;

    TimerQueue();

    /// As stop().
    ~TimerQueue();
    TimerQueue(const TimerQueue&) = delete;
    TimerQueue& operator=(const TimerQueue&) = delete;

    /// Calls `action` once at `time`. It must be short and must not throw; it may use the queue. Dropped after stop().
    Id at(Time time, std::function<void()> action);

    /// Takes back a timer; one that has begun goes on, and an unknown id is ignored.
    void cancel(Id id);

    /// Drops what waits, and ends the thread when a running action has returned. Not from an action.
    void stop();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<std::pair<Time, Id>, std::function<void()>> waiting_;
    std::map<Id, Time> times_;
    Id last_ = 0;
    bool stopping_ = false;
    std::unique_ptr<Poco::Thread> thread_;
};

}  // namespace playhouse::host
