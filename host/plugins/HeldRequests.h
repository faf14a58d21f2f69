#pragma once

#include "routing/LeaseGate.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace playhouse::host {

/// The requests of the version that serves, held while the tables change under it for the next version. Any thread.
class HeldRequests {
public:
    /// @param onHold  called once new requests are held
    HeldRequests(std::shared_ptr<LeaseGate> gate, std::function<void()> onHold)
        : gate_(std::move(gate)), onHold_(std::move(onHold)) {}

    /// Holds new requests and waits for the running ones. Throws PluginError BUSY, with requests let in again, when
    /// these do not end within `patience`, or release() was called. `who` is for the message.
    void hold(std::chrono::milliseconds patience, const std::string& who);

    /// Holds none from now on. Whether they are held: until release() or dismiss() then.
    bool end();

    bool isHeld() const;

    /// Lets them in again, if they are held, and holds none from now on.
    void release();

    /// As release(), for a gate that is closed: there is nothing to let in.
    void dismiss();

private:
    std::shared_ptr<LeaseGate> gate_;
    std::function<void()> onHold_;
    mutable std::mutex mutex_;
    bool isHeld_ = false;
    std::atomic<bool> isOver_{false};
};

}  // namespace playhouse::host
