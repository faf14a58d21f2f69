#include "WorkThreads.h"

#include <sys/resource.h>
#include <csignal>

#include <stdexcept>
#include <utility>

namespace playhouse::auth {
namespace {

/// Blocks all signals in this thread, and so in the threads it starts, for as long as it lives.
class NoSignals {
public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    NoSignals(const NoSignals&) = delete;
    NoSignals& operator=(const NoSignals&) = delete;

private:
    sigset_t before_;
};

}  // namespace

WorkThreads::WorkThreads(const std::string& name, std::size_t count, int niceness, Gauge* waiting)
    : niceness_(niceness), waiting_(waiting), idle_(count), work_(*this, &WorkThreads::run) {
    if (count == 0) throw std::invalid_argument("there is to be at least one thread for " + name);
    const NoSignals noSignals;
    threads_.reserve(count);
    try {
        for (std::size_t number = 0; number < count; ++number) {
            auto thread = std::make_unique<Poco::Thread>(name);
            thread->start(work_);
            threads_.push_back(std::move(thread));
        }
    } catch (...) {
        stop();
        throw;
    }
}

WorkThreads::~WorkThreads() {
    stop();
}

bool WorkThreads::post(std::function<void()> work, std::size_t mostWaiting) {
    {
        const std::lock_guard lock(mutex_);
        if (isStopped_ || queue_.size() >= mostWaiting + idle_) return false;
        queue_.push_back(std::move(work));
        tell(1);
    }
    changed_.notify_one();
    return true;
}

void WorkThreads::stop() {
    {
        const std::lock_guard lock(mutex_);
        isStopped_ = true;
    }
    changed_.notify_all();
    const std::lock_guard joining(joining_);
    for (const auto& thread : threads_) thread->join();
    threads_.clear();
}

void WorkThreads::run() {
    // On Linux who = 0 is the calling thread. A refusal is impossible: lowering needs no right.
    if (niceness_ != 0) setpriority(PRIO_PROCESS, 0, niceness_);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return isStopped_ || !queue_.empty(); });
        if (queue_.empty()) return;
        auto work = std::move(queue_.front());
        queue_.pop_front();
        tell(-1);
        --idle_;
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
        ++idle_;
    }
}

void WorkThreads::tell(int more) const {
    if (waiting_ != nullptr) waiting_->add(more);
}

}  // namespace playhouse::auth
