#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace Poco {
class Thread;
}

namespace playhouse::host {

/// A call into a plugin on a thread of its own, so that one that hangs holds up nobody else.
class BoundedCall {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Begins to run `function`. What it refers to must live until finished(). It may throw PluginError; a plugin's own
    /// exceptions must not leave it. Throws Poco::SystemException when there is no thread to be had.
    BoundedCall(const std::string& threadName, std::function<void()> function);

    /// Leaves a thread that has not finished to itself.
    ~BoundedCall();
    BoundedCall(const BoundedCall&) = delete;
    BoundedCall& operator=(const BoundedCall&) = delete;

    /// Waits until the function has ended, and throws what it threw; false when `deadline` came before. Safe from any
    /// thread.
    bool waitUntil(Time deadline) const;

    bool finished() const;

    struct Progress;  ///< for the implementation

private:
    std::unique_ptr<Progress> progress_;
    std::unique_ptr<Poco::Thread> thread_;
};

}  // namespace playhouse::host
