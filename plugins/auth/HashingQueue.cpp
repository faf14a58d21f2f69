#include "HashingQueue.h"

#include <playhouse/ApiError.h>

#include <Poco/RunnableAdapter.h>
#include <Poco/Thread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>
#include <csignal>

namespace playhouse::auth {
namespace {

constexpr int lowestPriority = 19;

/// Blocks all signals in this thread, and so in the threads it starts, for as long as it lives: those that the process
/// is sent are for the host's main thread.
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

class HashingQueue::Threads {
public:
    Threads(std::size_t threads, std::size_t mostWaiting, Gauge& waiting)
        : mostWaiting_(mostWaiting), waiting_(waiting), work_(*this, &Threads::run) {
        const NoSignals noSignals;
        threads_.reserve(threads);
        idle_ = threads;
        try {
            for (std::size_t number = 0; number < threads; ++number) {
                auto thread = std::make_unique<Poco::Thread>("hashing");
                thread->start(work_);
                threads_.push_back(std::move(thread));
            }
        } catch (...) {
            stop();
            throw;
        }
    }
    ~Threads() { stop(); }

    void submit(std::function<void()> work) {
        {
            const std::lock_guard lock(mutex_);
            if (isStopped_ || queue_.size() >= mostWaiting_ + idle_)
                throw ApiError(503, "LOGIN_BUSY", "Too many are logging in at this moment. Try again in a second.",
                               {{"retryAfterSeconds", 1}});
            queue_.push_back(std::move(work));
            waiting_.add(1);
        }
        changed_.notify_one();
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            isStopped_ = true;
        }
        changed_.notify_all();
        const std::lock_guard joining(joining_);
        for (const auto& thread : threads_) thread->join();
        threads_.clear();
    }

private:
    void run() {
        // On Linux who = 0 is the calling thread. A refusal is impossible: lowering needs no right.
        setpriority(PRIO_PROCESS, 0, lowestPriority);
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return isStopped_ || !queue_.empty(); });
            if (queue_.empty()) return;
            auto work = std::move(queue_.front());
            queue_.pop_front();
            waiting_.add(-1);
            --idle_;
            lock.unlock();
            work();
            work = nullptr;
            lock.lock();
            ++idle_;
        }
    }

    const std::size_t mostWaiting_;
    Gauge& waiting_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    std::size_t idle_ = 0;
    bool isStopped_ = false;
    std::mutex joining_;
    Poco::RunnableAdapter<Threads> work_;
    std::vector<std::unique_ptr<Poco::Thread>> threads_;
};

HashingQueue::HashingQueue(std::size_t threads, std::size_t mostWaiting, Gauge& waiting) {
    if (threads == 0) throw std::invalid_argument("passwords need a thread at least to be hashed on");
    threads_ = std::make_unique<Threads>(threads, mostWaiting, waiting);
}

HashingQueue::~HashingQueue() = default;

void HashingQueue::submit(std::function<void()> work) {
    threads_->submit(std::move(work));
}

void HashingQueue::stop() {
    threads_->stop();
}

}  // namespace playhouse::auth
