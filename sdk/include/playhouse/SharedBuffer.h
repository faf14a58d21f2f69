#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace playhouse {

namespace detail {
class BufferStorage;
}

/// Immutable bytes with shared ownership: a cached segment is one SharedBuffer, sent to any number of clients at once
/// without a copy.
///
/// Copying and slicing share the storage. Safe to use from any thread. The storage code lives in the SDK library, so a
/// buffer may outlive the plugin that made it.
class SharedBuffer {
public:
    /// An empty buffer.
    SharedBuffer() noexcept = default;

    /// A buffer that takes over `text`.
    explicit SharedBuffer(std::string text);

    /// A buffer of `size` bytes that `fill` writes once. Throws what `fill` throws.
    ///
    /// From 64 KiB on the bytes lie in an anonymous memory file, so that the host can hand their pages to a socket
    /// without copying them; when no descriptor is free they lie on the heap, and all else is the same.
    static SharedBuffer filled(std::size_t size, const std::function<void(std::span<std::byte>)>& fill);

    std::span<const std::byte> bytes() const noexcept { return bytes_; }
    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
    std::size_t size() const noexcept { return bytes_.size(); }
    bool empty() const noexcept { return bytes_.empty(); }

    /// The `size` bytes from `offset` on, sharing this storage. Throws std::out_of_range when they are not all there.
    SharedBuffer slice(std::size_t offset, std::size_t size) const;

    /// The descriptor of the memory file behind the bytes, or -1 when they are on the heap. Owned by the buffer.
    int descriptor() const noexcept;

    /// Where in descriptor() the bytes begin.
    std::uint64_t descriptorOffset() const noexcept;

private:
    std::shared_ptr<const detail::BufferStorage> storage_;
    std::span<const std::byte> bytes_;
};

}  // namespace playhouse
