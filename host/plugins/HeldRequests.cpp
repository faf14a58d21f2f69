#include "HeldRequests.h"

#include "PluginError.h"

#include <algorithm>

namespace playhouse::host {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds attention{20};

}  // namespace

void HeldRequests::hold(std::chrono::milliseconds patience, const std::string& who) {
    {
        const std::lock_guard lock(mutex_);
        if (isOver_) throw PluginError("BUSY", who + ": nobody waits for its start any more");
        isHeld_ = true;
        gate_->hold();
        onHold_();
    }
    const auto deadline = Steady::now() + patience;
    while (!isOver_ && Steady::now() < deadline)
        if (gate_->waitUntilIdle(std::min(deadline, Steady::now() + attention))) return;
    release();
    throw PluginError("BUSY", who +
                                  " changes its tables, for which the version that serves must rest; but that still "
                                  "ran " +
                                  std::to_string(gate_->leases()) + " requests or tasks after swap.hold-timeout = " +
                                  std::to_string(patience.count()) + " ms; try again, or raise the timeout");
}

bool HeldRequests::end() {
    const std::lock_guard lock(mutex_);
    isOver_ = true;
    return isHeld_;
}

bool HeldRequests::isHeld() const {
    const std::lock_guard lock(mutex_);
    return isHeld_;
}

void HeldRequests::release() {
    const std::lock_guard lock(mutex_);
    isOver_ = true;
    if (std::exchange(isHeld_, false)) gate_->open();
}

void HeldRequests::dismiss() {
    const std::lock_guard lock(mutex_);
    isOver_ = true;
    isHeld_ = false;
}

}  // namespace playhouse::host
