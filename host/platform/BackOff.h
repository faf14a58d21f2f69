#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace playhouse::host {

/// How long to wait before what has failed is tried again: twice as long each time. One thread at a time.
class BackOff {
public:
    using milliseconds = std::chrono::milliseconds;

    /// @param first    until the first time again
    /// @param longest  is never exceeded
    BackOff(milliseconds first, milliseconds longest) : first_(first), longest_(longest), next_(first) {}

    /// The pause from this failure on.
    milliseconds next() { return std::exchange(next_, std::min(2 * next_, longest_)); }

    /// It has succeeded, or what is tried now is something else.
    void reset() { next_ = first_; }

private:
    milliseconds first_;
    milliseconds longest_;
    milliseconds next_;
};

}  // namespace playhouse::host
