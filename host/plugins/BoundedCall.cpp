#include "BoundedCall.h"

#include "platform/HostThread.h"

#include <Poco/Runnable.h>
#include <Poco/Thread.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace playhouse::host {

/// What the calling and the called thread share. Handed to the thread as Poco::Runnable, whose lifetime is ours to see:
/// the functors that Poco::Thread takes are released by either side.
struct BoundedCall::Progress final : public Poco::Runnable {
    std::function<void()> function;
    mutable std::mutex mutex;
    std::condition_variable ended;
    bool finished = false;
    std::exception_ptr problem;

    void run() override {
        const HostThread self(Poco::Thread::current()->getName());
        std::exception_ptr thrown;
        try {
            function();
        } catch (...) {
            thrown = std::current_exception();
        }
        const std::lock_guard lock(mutex);
        problem = std::move(thrown);
        finished = true;
        ended.notify_all();
    }
};

namespace {

/// Threads that had not finished when nobody waited for them any more, with what they work on.
class Abandoned {
public:
    using Call = std::pair<std::unique_ptr<Poco::Thread>, std::unique_ptr<BoundedCall::Progress>>;

    /// For ever there; those that have finished by the end of the process are joined then.
    static Abandoned& instance() {
        static auto* const abandoned = new Abandoned;
        static const struct AtExit {
            ~AtExit() { abandoned->joinFinished(); }
        } atExit;
        return *abandoned;
    }

    void add(Call call) {
        joinFinished();
        const std::lock_guard lock(mutex_);
        calls_.push_back(std::move(call));
    }

    void joinFinished() {
        const std::lock_guard lock(mutex_);
        std::erase_if(calls_, [](const Call& each) { return tryJoin(each); });
    }

private:
    static bool tryJoin(const Call& call) {
        {
            const std::lock_guard lock(call.second->mutex);
            if (!call.second->finished) return false;
        }
        call.first->join();
        return true;
    }

    std::mutex mutex_;
    std::vector<Call> calls_;
};

}  // namespace

BoundedCall::BoundedCall(const std::string& threadName, std::function<void()> function)
    : progress_(std::make_unique<Progress>()), thread_(std::make_unique<Poco::Thread>(threadName)) {
    progress_->function = std::move(function);
    thread_->start(*progress_);
}

BoundedCall::~BoundedCall() {
    if (finished()) {
        thread_->join();
        return;
    }
    // Poco keeps thread-local objects in the thread's own, so both stay for as long as the thread may run.
    Abandoned::instance().add({std::move(thread_), std::move(progress_)});
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
