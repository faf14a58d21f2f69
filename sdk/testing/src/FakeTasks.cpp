#include <playhouse/testing/FakeTasks.h>

#include <stdexcept>
#include <utility>

namespace playhouse::testing {

void FakeTasks::run(std::function<void()> work) {
    add({clock_.elapsed(), std::nullopt, std::move(work)});
}

Tasks::Id FakeTasks::after(std::chrono::milliseconds delay, std::function<void()> work) {
    return add({clock_.elapsed() + delay, std::nullopt, std::move(work)});
}

Tasks::Id FakeTasks::every(std::chrono::milliseconds interval, std::function<void()> work) {
    if (interval <= std::chrono::milliseconds::zero()) throw std::invalid_argument("an interval must be above zero");
    return add({clock_.elapsed() + interval, interval, std::move(work)});
}

void FakeTasks::cancel(Id id) {
    const std::scoped_lock lock(mutex_);
    tasks_.erase(id);
}

std::size_t FakeTasks::runDue() {
    std::size_t runs = 0;
    while (const auto id = earliest(clock_.elapsed())) {
        runOnce(*id);
        ++runs;
    }
    return runs;
}

void FakeTasks::advance(std::chrono::milliseconds duration) {
    const auto end = clock_.elapsed() + duration;
    while (const auto id = earliest(end)) {
        std::chrono::milliseconds due;
        {
            const std::scoped_lock lock(mutex_);
            due = tasks_.at(*id).due;
        }
        if (due > clock_.elapsed()) clock_.advance(due - clock_.elapsed());
        runOnce(*id);
    }
    if (end > clock_.elapsed()) clock_.advance(end - clock_.elapsed());
}

std::size_t FakeTasks::waiting() const {
    const std::scoped_lock lock(mutex_);
    return tasks_.size();
}

Tasks::Id FakeTasks::add(Task task) {
    const std::scoped_lock lock(mutex_);
    const Id id{++lastId_};
    tasks_.emplace(id, std::move(task));
    return id;
}

std::optional<Tasks::Id> FakeTasks::earliest(std::chrono::milliseconds time) const {
    const std::scoped_lock lock(mutex_);
    auto best = tasks_.end();
    for (auto task = tasks_.begin(); task != tasks_.end(); ++task)
        if (task->second.due <= time && (best == tasks_.end() || task->second.due < best->second.due)) best = task;
    if (best == tasks_.end()) return std::nullopt;
    return best->first;
}

void FakeTasks::runOnce(Id id) {
    std::function<void()> work;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = tasks_.find(id);
        if (found == tasks_.end()) return;
        if (auto& task = found->second; task.interval) {
            task.due = clock_.elapsed() + *task.interval;
            work = task.work;
        } else {
            work = std::move(task.work);
            tasks_.erase(found);
        }
    }
    work();
}

}  // namespace playhouse::testing
