#include "HealthCheck.h"

#include <Poco/Exception.h>

#include <utility>

namespace playhouse::host {

HealthCheck::HealthCheck(const std::string& pluginId, std::shared_ptr<LeaseGate> gate,
                         std::chrono::milliseconds timeout, std::function<Health()> ask)
    : threadName_("health-" + pluginId), gate_(std::move(gate)), timeout_(timeout), ask_(std::move(ask)) {}

void HealthCheck::begin() {
    const std::lock_guard lock(mutex_);
    if (call_ && !call_->finished()) return;
    // With it nobody ends the generation before the call is known to isRunning(). The call itself holds none: a
    // health() that hangs must not keep the state from moving to a better version.
    const auto lease = gate_->enter();
    if (!lease) return;
    deadline_ = std::chrono::steady_clock::now() + timeout_;
    try {
        call_ = std::make_shared<const BoundedCall>(threadName_, [this, answer = answer_] {
            auto health = ask_();
            const std::lock_guard answerLock(answer->mutex);
            answer->health = std::move(health);
        });
    } catch (const Poco::Exception& problem) {
        const std::lock_guard answerLock(answer_->mutex);
        answer_->health = {Health::Status::Degraded, "its health() could not be called: " + problem.displayText()};
    }
}

std::optional<Health> HealthCheck::answer(Time now) const {
    const std::lock_guard lock(mutex_);
    if (call_ && !call_->finished()) {
        if (now < deadline_) return std::nullopt;
        return Health{Health::Status::Down, "its health() did not answer within swap.health-timeout = " +
                                                std::to_string(timeout_.count()) + " ms"};
    }
    const std::lock_guard answerLock(answer_->mutex);
    return answer_->health;
}

Health HealthCheck::wait() const {
    while (true) {
        if (auto health = answer(std::chrono::steady_clock::now())) return *std::move(health);
        std::unique_lock lock(mutex_);
        const auto call = call_;
        const auto deadline = deadline_;
        lock.unlock();
        static_cast<void>(call->waitUntil(deadline));
    }
}

void HealthCheck::releaseThread() {
    const std::lock_guard lock(mutex_);
    if (call_ && call_->finished()) call_.reset();
}

bool HealthCheck::isRunning() const {
    const std::lock_guard lock(mutex_);
    return call_ && !call_->finished();
}

}  // namespace playhouse::host
