#include "BoundedCall.h"

#include <Poco/Thread.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace playhouse::host {
namespace {

/// Keeps the objects of threads that never ended: Poco's thread-local storage lies in them.
void keepForEver(std::unique_ptr<Poco::Thread> thread) {
    static std::mutex mutex;
    static auto* const threads = new std::vector<std::unique_ptr<Poco::Thread>>;
    const std::lock_guard lock(mutex);
    threads->push_back(std::move(thread));
}

}  // namespace

struct BoundedCall::Progress {
    mutable std::mutex mutex;
    std::condition_variable ended;
    bool finished = false;
    std::exception_ptr problem;
};

BoundedCall::BoundedCall(const std::string& threadName, std::function<void()> function)
    : progress_(std::make_shared<Progress>()), thread_(std::make_unique<Poco::Thread>(threadName)) {
    thread_->startFunc([progress = progress_, function = std::move(function)] {
        std::exception_ptr problem;
        try {
            function();
        } catch (...) {
            problem = std::current_exception();
        }
        const std::lock_guard lock(progress->mutex);
        progress->problem = std::move(problem);
        progress->finished = true;
        progress->ended.notify_all();
    });
}

BoundedCall::~BoundedCall() {
    if (finished())
        thread_->join();
    else
        keepForEver(std::move(thread_));
}

bool BoundedCall::waitUntil(Time deadline) const {
    std::unique_lock lock(progress_->mutex);
    if (!progress_->ended.wait_until(lock, deadline, [this] { return progress_->finished; })) return false;
    if (progress_->problem) std::rethrow_exception(progress_->problem);
    return true;
}

bool BoundedCall::finished() const {
    const std::lock_guard lock(progress_->mutex);
    return progress_->finished;
}

}  // namespace playhouse::host
