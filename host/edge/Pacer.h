#pragma once

#include <chrono>
#include <cstdint>

namespace playhouse::host {

/// Token buckets that say how much of a body may be sent when, so that it flows at a rate.
///
/// It hands out quanta of 20 to 50 ms' worth, the first one half, so that what has been sent stays within half a
/// quantum of the rate. What a late caller has missed it makes up for, up to 250 ms' worth, but never with more than
/// 100 ms' worth at once, nor faster than at four times the rate after that. Pure arithmetic: `now` is the caller's and
/// must not go back.
class Pacer {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param bytesPerSecond  above 0
    Pacer(std::uint64_t bytesPerSecond, Time now) noexcept;

    /// Bytes that may be sent at `now`: none, or a quantum at least.
    std::uint64_t allowance(Time now) noexcept;

    /// Of the last allowance, `bytes` have been sent.
    void spent(std::uint64_t bytes) noexcept;

    /// When the next allowance is due, if none has been asked for since; in the past when it is there already.
    Time nextTime() const noexcept;

private:
    struct Bucket {
        double rate;    // bytes a second
        double depth;   // bytes
        double tokens;  // bytes

        void fill(double seconds) noexcept;
        double secondsUntil(double wanted) const noexcept;
    };

    double quantum_;    // bytes
    double due_;        // bytes at which the next allowance is given
    Bucket sustained_;  // keeps the rate
    Bucket peak_;       // keeps what is made up for from coming at once
    Time time_;
};

}  // namespace playhouse::host
