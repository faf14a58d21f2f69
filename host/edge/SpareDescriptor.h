#pragma once

#include <cstddef>
#include <string_view>

namespace playhouse::host {

/// A descriptor held for when no other is free: it is given up for a moment to accept a client and tell it that it is
/// refused, which would else wait in the backlog for as long as it lasts. For one thread.
class SpareDescriptor {
public:
    SpareDescriptor() noexcept;
    ~SpareDescriptor();
    SpareDescriptor(const SpareDescriptor&) = delete;
    SpareDescriptor& operator=(const SpareDescriptor&) = delete;

    /// Accepts what waits at `listener`, up to 64 connections, and closes each after `answer`, which may be empty.
    /// Returns how many; 0 also when another thread was faster to take the descriptor.
    std::size_t turnAway(int listener, std::string_view answer) noexcept;

private:
    bool reopen() noexcept;

    int descriptor_ = -1;
};

}  // namespace playhouse::host
