#include "PluginTasks.h"

#include "ThrownText.h"

#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace playhouse::host {
namespace {

/// How soon a task asks again when no worker or no place at the gate was free.
constexpr std::chrono::milliseconds retryInterval{20};

}  // namespace

/// The generation's tasks by id. What waits in timers, workers and gates refers to the board weakly and names a task by
/// id, so that the plugin's own code is held here alone and goes when the generation does.
class PluginTasks::Board : public std::enable_shared_from_this<Board> {
public:
    Board(TimerQueue& timers, WorkerPool& workers, std::shared_ptr<LeaseGate> gate, Logger& logger)
        : timers_(timers), workers_(workers), gate_(std::move(gate)), logger_(logger) {}

    Id add(std::chrono::milliseconds delay, std::optional<std::chrono::milliseconds> interval,
           std::function<void()> work) {
        const std::lock_guard lock(mutex_);
        const Id id{++last_};
        if (revoked_) return id;
        auto& task = tasks_[id];
        task.work = std::move(work);
        task.interval = interval;
        if (delay.count() > 0)
            task.timer = schedule(id, delay);
        else
            submitOrRetry(id, task);
        return id;
    }

    void cancel(Id id) {
        Task dropped;
        const std::lock_guard lock(mutex_);
        const auto found = tasks_.find(id);
        if (found == tasks_.end()) return;
        timers_.cancel(found->second.timer);
        if (found->second.running) {
            found->second.cancelled = true;
            return;
        }
        dropped = std::move(found->second);
        tasks_.erase(found);
    }

    void revoke() {
        std::map<Id, Task> dropped;
        const std::lock_guard lock(mutex_);
        revoked_ = true;
        for (const auto& [id, task] : tasks_) timers_.cancel(task.timer);
        dropped.swap(tasks_);
    }

private:
    struct Task {
        std::function<void()> work;
        std::optional<std::chrono::milliseconds> interval;
        TimerQueue::Id timer = 0;
        bool running = false;
        bool cancelled = false;
    };

    TimerQueue::Id schedule(Id id, std::chrono::milliseconds delay) {
        return timers_.at(std::chrono::steady_clock::now() + delay, [board = weak_from_this(), id] {
            if (const auto self = board.lock()) self->submit(id);
        });
    }

    void submit(Id id) {
        const std::lock_guard lock(mutex_);
        if (const auto found = tasks_.find(id); found != tasks_.end()) submitOrRetry(id, found->second);
    }

    /// With the mutex held.
    void submitOrRetry(Id id, Task& task) {
        const auto accepted = workers_.submit([board = weak_from_this(), id] {
            if (const auto self = board.lock()) self->enterAndRun(id);
        });
        if (!accepted) task.timer = schedule(id, retryInterval);
    }

    void enterAndRun(Id id) {
        while (!gate_->isClosed()) {
            if (const auto lease = gate_->enter()) return runOnce(id);
            const auto parking = gate_->park([board = weak_from_this(), id] {
                if (const auto self = board.lock()) self->submit(id);
            });
            if (parking == LeaseGate::Parking::Parked) return;
            if (parking == LeaseGate::Parking::Full) {
                const std::lock_guard lock(mutex_);
                if (const auto found = tasks_.find(id); found != tasks_.end())
                    found->second.timer = schedule(id, retryInterval);
                return;
            }
        }
    }

    /// With a lease held by the caller, until what is left of the task is destroyed.
    void runOnce(Id id) {
        Task finished;
        Task* task = nullptr;
        {
            const std::lock_guard lock(mutex_);
            const auto found = tasks_.find(id);
            if (found == tasks_.end()) return;
            task = &found->second;
            task->running = true;
        }
        try {
            task->work();
        } catch (const std::exception& problem) {
            logger_.error("a task failed: " + thrownText(problem));
        } catch (...) {
            logger_.error("a task failed with something that is no std::exception");
        }
        const std::lock_guard lock(mutex_);
        task->running = false;
        if (task->interval && !task->cancelled) {
            task->timer = schedule(id, *task->interval);
            return;
        }
        finished = std::move(*task);
        tasks_.erase(id);
    }

    TimerQueue& timers_;
    WorkerPool& workers_;
    std::shared_ptr<LeaseGate> gate_;
    Logger& logger_;
    std::mutex mutex_;
    std::map<Id, Task> tasks_;
    std::uint64_t last_ = 0;
    bool revoked_ = false;
};

PluginTasks::PluginTasks(TimerQueue& timers, WorkerPool& workers, std::shared_ptr<LeaseGate> gate, Logger& logger)
    : board_(std::make_shared<Board>(timers, workers, std::move(gate), logger)) {}

PluginTasks::~PluginTasks() {
    revoke();
}

void PluginTasks::run(std::function<void()> work) {
    board_->add({}, std::nullopt, std::move(work));
}

Tasks::Id PluginTasks::after(std::chrono::milliseconds delay, std::function<void()> work) {
    return board_->add(delay, std::nullopt, std::move(work));
}

Tasks::Id PluginTasks::every(std::chrono::milliseconds interval, std::function<void()> work) {
    if (interval.count() <= 0) throw std::invalid_argument("a repeated task needs an interval of at least 1 ms");
    return board_->add(interval, interval, std::move(work));
}

void PluginTasks::cancel(Id id) {
    board_->cancel(id);
}

void PluginTasks::revoke() {
    board_->revoke();
}

}  // namespace playhouse::host
