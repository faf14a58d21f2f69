#include "TimerQueue.h"

#include <utility>

namespace playhouse::host {

TimerQueue::TimerQueue() : thread_(std::make_unique<Poco::Thread>("timers")) {
    thread_->startFunc([this] { run(); });
}

TimerQueue::~TimerQueue() {
    stop();
}

TimerQueue::Id TimerQueue::at(Time time, std::function<void()> action) {
    const std::lock_guard lock(mutex_);
    const auto id = ++last_;
    if (stopping_) return id;
    const auto place = waiting_.emplace(std::pair(time, id), std::move(action)).first;
    times_.emplace(id, time);
    if (place == waiting_.begin()) wake_.notify_one();
    return id;
}

void TimerQueue::cancel(Id id) {
    std::function<void()> dropped;
    const std::lock_guard lock(mutex_);
    const auto time = times_.find(id);
    if (time == times_.end()) return;
    auto node = waiting_.extract({time->second, id});
    dropped = std::move(node.mapped());
    times_.erase(time);
}

void TimerQueue::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_.clear();
        times_.clear();
    }
    wake_.notify_one();
    if (const auto thread = std::move(thread_)) thread->join();
}

void TimerQueue::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (waiting_.empty()) {
            wake_.wait(lock);
            continue;
        }
        const auto first = waiting_.begin();
        if (const auto time = first->first.first; std::chrono::steady_clock::now() < time) {
            wake_.wait_until(lock, time);
            continue;
        }
        times_.erase(first->first.second);
        const auto node = waiting_.extract(first);
        lock.unlock();
        node.mapped()();
        lock.lock();
    }
}

}  // namespace playhouse::host
