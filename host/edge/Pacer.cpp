#include "Pacer.h"

#include <algorithm>
#include <cmath>

namespace playhouse::host {
namespace {

using Seconds = std::chrono::duration<double>;

// A quantum as short as this keeps a body smooth, and its sends still large enough to be cheap.
constexpr double shortestQuantum = 0.020;  // seconds
// A slow body's quantum grows towards a whole packet, but no longer than this: half of it is the error over any time.
constexpr double longestQuantum = 0.050;  // seconds
constexpr double packet = 1400;           // bytes
constexpr double mostMadeUpFor = 0.250;   // seconds
constexpr double mostAtOnce = 0.100;      // seconds
constexpr double peakFactor = 4;

// What sums of fractions may differ by.
constexpr double tolerance = 1e-6;  // bytes

}  // namespace

void Pacer::Bucket::fill(double seconds) noexcept {
    tokens = std::min(depth, tokens + seconds * rate);
}

double Pacer::Bucket::secondsUntil(double wanted) const noexcept {
    return (wanted - tokens) / rate;
}

Pacer::Pacer(std::uint64_t bytesPerSecond, Time now) noexcept
    : quantum_(0), due_(0), sustained_{}, peak_{}, time_(now) {
    const auto rate = static_cast<double>(bytesPerSecond);
    quantum_ = std::max(1.0, std::floor(std::clamp(packet, rate * shortestQuantum, rate * longestQuantum)));
    due_ = std::max(1.0, std::floor(quantum_ / 2));
    sustained_ = {rate, std::max(quantum_, rate * mostMadeUpFor), due_};
    const auto burst = std::max(quantum_, rate * mostAtOnce);
    peak_ = {rate * peakFactor, burst, burst};
}

std::uint64_t Pacer::allowance(Time now) noexcept {
    if (now > time_) {
        const auto passed = Seconds(now - time_).count();
        sustained_.fill(passed);
        peak_.fill(passed);
        time_ = now;
    }
    const auto available = std::min(sustained_.tokens, peak_.tokens) + tolerance;
    return available < due_ ? 0 : static_cast<std::uint64_t>(available);
}

void Pacer::spent(std::uint64_t bytes) noexcept {
    if (bytes == 0) return;
    sustained_.tokens -= static_cast<double>(bytes);
    peak_.tokens -= static_cast<double>(bytes);
    due_ = quantum_;
}

Pacer::Time Pacer::nextTime() const noexcept {
    const auto wait = std::max({0.0, sustained_.secondsUntil(due_), peak_.secondsUntil(due_)});
    return time_ + std::chrono::ceil<std::chrono::steady_clock::duration>(Seconds(wait));
}

}  // namespace playhouse::host
