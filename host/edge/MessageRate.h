#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace playhouse::host {

/// A limit on messages a second, which lets as many pass at once after a pause.
class MessageRate {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param perSecond  0: any number
    explicit MessageRate(std::uint32_t perSecond) : perSecond_(perSecond), left_(static_cast<float>(perSecond)) {}

    /// Goes on with another limit; the same one changes nothing.
    void change(std::uint32_t perSecond) noexcept {
        if (perSecond != perSecond_) *this = MessageRate(perSecond);
    }

    /// Whether one more may pass at `now`.
    bool take(Time now) noexcept {
        if (perSecond_ == 0) return true;
        const auto limit = static_cast<float>(perSecond_);
        left_ = std::min(limit, left_ + std::chrono::duration<float>(now - last_).count() * limit);
        last_ = now;
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }

private:
    std::uint32_t perSecond_;
    float left_;
    Time last_{};
};

}  // namespace playhouse::host
