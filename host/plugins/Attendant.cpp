#include "Attendant.h"

#include "platform/HostThread.h"

#include <Poco/Logger.h>
#include <Poco/Runnable.h>
#include <Poco/Thread.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace playhouse::host {

class Attendant::Rounds final : public Poco::Runnable {
public:
    Rounds(const std::string& threadName, std::function<Time()> look) : look_(std::move(look)), thread_(threadName) {
        thread_.start(*this);
    }

    ~Rounds() override {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
            awake_.notify_all();
        }
        thread_.join();
    }

    void run() override {
        const HostThread self(thread_.getName());
        std::unique_lock lock(mutex_);
        while (!ended_) {
            woken_ = false;
            lock.unlock();
            const auto next = lookOnce();
            lock.lock();
            const auto isWanted = [this] { return ended_ || woken_; };
            // Waiting until the end of time overflows in the library's conversion between clocks.
            if (next == Time::max())
                awake_.wait(lock, isWanted);
            else
                awake_.wait_until(lock, next, isWanted);
        }
    }

    void wake() {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        awake_.notify_all();
    }

private:
    Time lookOnce() {
        try {
            return look_();
        } catch (const std::exception& problem) {
            Poco::Logger::get("plugins").error(thread_.getName() + ": " + problem.what());
            return std::chrono::steady_clock::now() + std::chrono::seconds(1);
        }
    }

    const std::function<Time()> look_;
    std::mutex mutex_;
    std::condition_variable awake_;
    bool woken_ = false;
    bool ended_ = false;
    Poco::Thread thread_;
};

Attendant::Attendant(const std::string& threadName, std::function<Time()> look)
    : rounds_(std::make_unique<Rounds>(threadName, std::move(look))) {}

Attendant::~Attendant() = default;

void Attendant::wake() {
    rounds_->wake();
}

}  // namespace playhouse::host
