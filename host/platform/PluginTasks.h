#pragma once

#include "TimerQueue.h"
#include "WorkerPool.h"

#include "routing/LeaseGate.h"

#include <playhouse/Logger.h>
#include <playhouse/Tasks.h>

#include <memory>

namespace playhouse::host {

/// The tasks of one generation. Each run holds a lease of the generation, so none begins before it is published, while
/// it is held, or after it is retired.
class PluginTasks final : public Tasks {
public:
    /// What is given must outlive the tasks; `logger` hears of tasks that throw.
    PluginTasks(TimerQueue& timers, WorkerPool& workers, std::shared_ptr<LeaseGate> gate, Logger& logger);

    /// As revoke().
    ~PluginTasks() override;

    void run(std::function<void()> work) override;
    Id after(std::chrono::milliseconds delay, std::function<void()> work) override;
    Id every(std::chrono::milliseconds interval, std::function<void()> work) override;
    void cancel(Id id) override;

    /// Destroys all work, and takes no more. To be called when the generation's gate is closed and idle, so that
    /// nothing of the plugin's library is left here.
    void revoke();

private:
    class Board;
    std::shared_ptr<Board> board_;
};

}  // namespace playhouse::host
