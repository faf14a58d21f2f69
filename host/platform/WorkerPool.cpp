#include "WorkerPool.h"

#include "HostThread.h"

#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <utility>

namespace playhouse::host {

struct WorkerPool::Figures {
    explicit Figures(prometheus::Registry& registry)
        : waiting(gauge(registry, "playhouse_workers_waiting", "Work that waits for a thread")),
          busy(gauge(registry, "playhouse_workers_busy", "Threads that are at work")),
          waited(prometheus::BuildHistogram()
                     .Name("playhouse_workers_wait_seconds")
                     .Help("Time for which work waited for a thread")
                     .Register(registry)
                     .Add({}, prometheus::Histogram::BucketBoundaries{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1,
                                                                      0.5, 1, 5})) {}

    static prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
    }

    prometheus::Gauge& waiting;
    prometheus::Gauge& busy;
    prometheus::Histogram& waited;
};

WorkerPool::WorkerPool(std::size_t threads, std::size_t mostWaiting, prometheus::Registry* figures)
    : figures_(figures ? std::make_unique<Figures>(*figures) : nullptr), mostWaiting_(mostWaiting) {
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
        waiting_.push_back({std::move(work), std::chrono::steady_clock::now()});
    }
    if (figures_) figures_->waiting.Increment();
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
    const HostThread self(Poco::Thread::current()->getName());
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        if (figures_) {
            figures_->waiting.Decrement();
            figures_->busy.Increment();
            figures_->waited.Observe(
                std::chrono::duration<double>(std::chrono::steady_clock::now() - work.since).count());
        }
        work.run();
        work.run = nullptr;
        if (figures_) figures_->busy.Decrement();
        lock.lock();
    }
}

}  // namespace playhouse::host
