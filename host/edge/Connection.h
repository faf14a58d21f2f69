#pragma once

#include "Transport.h"

#include <chrono>
#include <cstddef>
#include <memory>

namespace playhouse::host {

class EventLoop;

/// What a loop knows of each connection, whatever is spoken on it. For the loop's thread.
class Connection {
public:
    virtual ~Connection() = default;

    /// When onDeadline() is to be called.
    virtual std::chrono::steady_clock::time_point deadline() const noexcept = 0;
    virtual void onDeadline() = 0;

    /// Newer routes are published.
    virtual void onRoutesChanged() {}

    /// Ends in good order: after what is in work, or at once when nothing is.
    virtual void drain() = 0;
    virtual void close() = 0;
};

/// Memory for the one operation of a kind that a connection waits for at a time, so that an idle connection needs no
/// block of the heap for it.
class WaitMemory {
public:
    template <class Type>
    class Allocator {
    public:
        using value_type = Type;

        explicit Allocator(WaitMemory& memory) noexcept : memory_(&memory) {}
        template <class Other>
        Allocator(const Allocator<Other>& other) noexcept : memory_(other.memory_) {}

        Type* allocate(std::size_t count) const { return static_cast<Type*>(memory_->allocate(count * sizeof(Type))); }
        void deallocate(Type* block, std::size_t) const noexcept { memory_->deallocate(block); }

        template <class Other>
        bool operator==(const Allocator<Other>& other) const noexcept {
            return memory_ == other.memory_;
        }

        WaitMemory* memory_;
    };

    Allocator<std::byte> allocator() noexcept { return Allocator<std::byte>(*this); }

private:
    void* allocate(std::size_t size) {
        if (inUse_ || size > sizeof block_) return ::operator new(size);
        inUse_ = true;
        return block_;
    }
    void deallocate(void* block) noexcept {
        if (block == block_)
            inUse_ = false;
        else
            ::operator delete(block);
    }

    alignas(std::max_align_t) std::byte block_[160];
    bool inUse_ = false;
};

}  // namespace playhouse::host
