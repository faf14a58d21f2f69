#include "WorkerPool.h"

#include <utility>

namespace playhouse::host {

WorkerPool::WorkerPool(std::size_t threads, std::size_t mostWaiting) : mostWaiting_(mostWaiting) {
    for (std::size_t index = 0; index < threads; ++index) {
        auto thread = std::make_unique<Poco::Thread>("worker-" + std::to_string(index));
        thread->startFunc([this] { run(); });
        threads_.push_back(std::move(thread));
    }
}

WorkerPool::~WorkerPool() {
    stop();
}

bool WorkerPool::submit(std::function<void()>&& work) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || waiting_.size() >= mostWaiting_) return false;
        waiting_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

std::size_t WorkerPool::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void WorkerPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (const auto& thread : threads_) thread->join();
    threads_.clear();
}

void WorkerPool::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
}

}  // namespace playhouse::host
