#include "LeaseGate.h"

#include <utility>

namespace playhouse::host {

std::shared_ptr<LeaseGate> LeaseGate::make(std::size_t mostParked) {
    return std::shared_ptr<LeaseGate>(new LeaseGate(mostParked));
}

Lease LeaseGate::enter() noexcept {
    if ((state_.fetch_add(1, std::memory_order_acq_rel) & (held | closed)) != 0) {
        leave();
        return {};
    }
    return Lease(shared_from_this());
}

Lease Lease::another() const noexcept {
    if (!gate_) return {};
    gate_->state_.fetch_add(1, std::memory_order_acq_rel);
    return Lease(gate_);
}

void LeaseGate::leave() noexcept {
    const auto before = state_.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & countMask) == 1 && (before & (held | closed)) != 0) {
        const std::lock_guard lock(mutex_);
        idle_.notify_all();
    }
}

LeaseGate::Parking LeaseGate::park(std::function<void()> resume) {
    const std::lock_guard lock(mutex_);
    if (!isHeld()) return Parking::NotHeld;
    if (parked_.size() >= mostParked_) return Parking::Full;
    parked_.push_back(std::move(resume));
    return Parking::Parked;
}

LeaseGate::Parking LeaseGate::parkUncounted(std::function<void()> resume) {
    const std::lock_guard lock(mutex_);
    if (!isHeld()) return Parking::NotHeld;
    uncounted_.push_back(std::move(resume));
    return Parking::Parked;
}

void LeaseGate::hold() noexcept {
    const std::lock_guard lock(mutex_);
    state_.fetch_or(held, std::memory_order_acq_rel);
}

void LeaseGate::open() {
    std::unique_lock lock(mutex_);
    state_.fetch_and(~held, std::memory_order_acq_rel);
    resumeParked(std::move(lock));
}

void LeaseGate::close() {
    std::unique_lock lock(mutex_);
    state_.fetch_or(closed, std::memory_order_acq_rel);
    state_.fetch_and(~held, std::memory_order_acq_rel);
    resumeParked(std::move(lock));
}

bool LeaseGate::waitUntilIdle(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return idle_.wait_until(lock, deadline, [this] { return leases() == 0; });
}

void LeaseGate::resumeParked(std::unique_lock<std::mutex> lock) {
    const auto parked = std::exchange(parked_, {});
    const auto uncounted = std::exchange(uncounted_, {});
    lock.unlock();
    for (const auto& resume : parked) resume();
    for (const auto& resume : uncounted) resume();
}

}  // namespace playhouse::host
