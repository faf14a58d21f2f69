#pragma once

#include "BoundedCall.h"

#include "routing/LeaseGate.h"

#include <playhouse/Plugin.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace playhouse::host {

/// Asks one generation for its health without ever waiting longer than a deadline. Safe from any thread.
class HealthCheck {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param ask  calls into the plugin, and throws nothing; to be valid for as long as isRunning() or the gate is
    /// open
    HealthCheck(const std::string& pluginId, std::shared_ptr<LeaseGate> gate, std::chrono::milliseconds timeout,
                std::function<Health()> ask);

    /// Begins to ask, unless a question is still open, or nobody may enter the plugin at this moment.
    void begin();

    /// What is known by `now`: nothing while the open question has time left, Down when it has not been answered in
    /// time, else the last answer; Up before the first.
    std::optional<Health> answer(Time now) const;

    /// Waits until answer() gives one, which takes no longer than the timeout.
    Health wait() const;

    /// Gives back the thread of the last question, unless that is open still.
    void releaseThread();

    /// Whether a call into the plugin has not returned.
    bool isRunning() const;

private:
    struct Answer {
        std::mutex mutex;
        Health health;
    };

    const std::string threadName_;
    const std::shared_ptr<LeaseGate> gate_;
    const std::chrono::milliseconds timeout_;
    const std::function<Health()> ask_;

    mutable std::mutex mutex_;
    std::shared_ptr<const BoundedCall> call_;
    std::shared_ptr<Answer> answer_ = std::make_shared<Answer>();
    Time deadline_{};
};

}  // namespace playhouse::host
