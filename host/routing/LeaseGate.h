#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace playhouse::host {

class Lease;

/// Who is inside one plugin generation's code, and who may enter.
///
/// Everything that runs plugin code, or holds an object whose code is in the plugin's library, holds a Lease. A swap
/// closes the gate, waits for the last lease, and only then unloads: the gate itself belongs to the host, so asking a
/// closed one is always safe. Entering is one atomic addition. Safe from any thread.
class LeaseGate : public std::enable_shared_from_this<LeaseGate> {
public:
    enum class Parking {
        Parked,   ///< `resume` will be called once the gate opens or closes
        NotHeld,  ///< the gate has opened or closed meanwhile: ask again
        Full,     ///< as many as may wait are waiting
    };

    /// @param mostParked  callers that may wait while the gate is held
    static std::shared_ptr<LeaseGate> make(std::size_t mostParked = 1024);

    /// A lease, or an empty one when the gate is held or closed.
    Lease enter() noexcept;

    bool isHeld() const noexcept { return (state_.load(std::memory_order_acquire) & held) != 0; }
    bool isClosed() const noexcept { return (state_.load(std::memory_order_acquire) & closed) != 0; }

    /// Leases out at this moment.
    std::uint64_t leases() const noexcept { return state_.load(std::memory_order_acquire) & countMask; }

    /// While the gate is held, keeps `resume`, to be called once by open() or close() on their thread.
    Parking park(std::function<void()> resume);

    /// As park(), for callers that are bounded in number by something else, and so are not counted here.
    Parking parkUncounted(std::function<void()> resume);

    /// From now on enter() gives nothing, until open() or close().
    void hold() noexcept;

    /// Lets callers enter (again), and resumes the parked ones.
    void open();

    /// From now on enter() gives nothing, for ever; resumes the parked ones, who will find the next generation.
    void close();

    /// Waits until no lease is out; true when that came before `deadline`. To be asked of a held or closed gate.
    bool waitUntilIdle(std::chrono::steady_clock::time_point deadline);

private:
    friend class Lease;

    static constexpr std::uint64_t held = 1ULL << 63;
    static constexpr std::uint64_t closed = 1ULL << 62;
    static constexpr std::uint64_t countMask = closed - 1;

    explicit LeaseGate(std::size_t mostParked) : mostParked_(mostParked) {}
    void leave() noexcept;
    void resumeParked(std::unique_lock<std::mutex> lock);

    std::atomic<std::uint64_t> state_{0};
    std::mutex mutex_;
    std::condition_variable idle_;
    std::vector<std::function<void()>> parked_;
    std::vector<std::function<void()>> uncounted_;
    std::size_t mostParked_;
};

/// The right to run code of one generation, given back on destruction. Movable; false when empty.
class Lease {
public:
    Lease() noexcept = default;
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept {
        if (this != &other) {
            release();
            gate_ = std::move(other.gate_);
        }
        return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { release(); }

    explicit operator bool() const noexcept { return gate_ != nullptr; }

    /// A second lease beside this one, also while the gate is held or closed.
    Lease another() const noexcept;

    void release() noexcept {
        if (const auto gate = std::move(gate_)) gate->leave();
    }

private:
    friend class LeaseGate;
    explicit Lease(std::shared_ptr<LeaseGate> gate) noexcept : gate_(std::move(gate)) {}
    std::shared_ptr<LeaseGate> gate_;
};

}  // namespace playhouse::host
