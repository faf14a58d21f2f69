#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace playhouse {

/// Work beside requests, on the host's worker pool; a plugin starts no threads of its own.
///
/// Safe from any thread, from start() until stop() has returned. Nothing begins before the generation is published, so
/// start() must not wait for a task. A task that throws is logged and goes on at its next time. When the generation is
/// retired, timers stop, tasks not yet begun are dropped, and running ones are waited for.
class Tasks {
public:
    /// A timer, for cancel(). Never used twice.
    enum class Id : std::uint64_t {};

    virtual ~Tasks();

    /// Runs `work` as soon as a worker is free.
    virtual void run(std::function<void()> work) = 0;

    /// Runs `work` once after `delay`.
    virtual Id after(std::chrono::milliseconds delay, std::function<void()> work) = 0;

    /// Runs `work` each `interval`, first after one; never twice at once: a late run makes the next one later.
    virtual Id every(std::chrono::milliseconds interval, std::function<void()> work) = 0;

    /// Takes back a timer. A run that has begun goes on; an unknown or finished id is ignored.
    virtual void cancel(Id id) = 0;
};

}  // namespace playhouse
