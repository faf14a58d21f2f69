#pragma once

#include "FakeClock.h"

#include <playhouse/Tasks.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace playhouse::testing {

/// Tasks that run when a test says so, on the thread that says so, in the order of their times.
///
/// Adding and cancelling is safe from any thread; run and advance from one at a time. What a task throws comes out of
/// the call that ran it, where the host would log it.
class FakeTasks final : public Tasks {
public:
    /// @param clock  decides which timers are due; outlives this object
    explicit FakeTasks(FakeClock& clock) : clock_(clock) {}

    void run(std::function<void()> work) override;
    Id after(std::chrono::milliseconds delay, std::function<void()> work) override;
    Id every(std::chrono::milliseconds interval, std::function<void()> work) override;
    void cancel(Id id) override;

    /// Runs what is due now, and what that adds. Returns how many runs there were.
    std::size_t runDue();

    /// Moves the clock on by `duration`, stopping at each timer on the way to run it.
    void advance(std::chrono::milliseconds duration);

    /// Tasks and timers that wait.
    std::size_t waiting() const;

private:
    struct Task {
        std::chrono::milliseconds due;
        std::optional<std::chrono::milliseconds> interval;
        std::function<void()> work;
    };

    Id add(Task task);
    /// The id of the earliest task that is due at `time` or before.
    std::optional<Id> earliest(std::chrono::milliseconds time) const;
    void runOnce(Id id);

    FakeClock& clock_;
    mutable std::mutex mutex_;
    std::map<Id, Task> tasks_;
    std::uint64_t lastId_ = 0;
};

}  // namespace playhouse::testing
