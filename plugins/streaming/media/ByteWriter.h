#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace playhouse::streaming {

/// Appends big-endian numbers, as MPEG formats hold them, to a text of bytes.
class ByteWriter {
public:
    explicit ByteWriter(std::size_t expectedSize = 256) { bytes_.reserve(expectedSize); }

    void u8(std::uint32_t value) { bytes_.push_back(static_cast<char>(value)); }
    void u16(std::uint32_t value) {
        u8(value >> 8);
        u8(value);
    }
    void u24(std::uint32_t value) {
        u8(value >> 16);
        u16(value);
    }
    void u32(std::uint32_t value) {
        char bytes[4];
        store(bytes, value);
        bytes_.append(bytes, sizeof bytes);
    }
    void u64(std::uint64_t value) {
        u32(static_cast<std::uint32_t>(value >> 32));
        u32(static_cast<std::uint32_t>(value));
    }
    void text(std::string_view text) { bytes_.append(text); }
    void bytes(std::span<const std::byte> bytes) {
        bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    void zeros(std::size_t count) { bytes_.append(count, '\0'); }

    /// Overwrites the 32-bit number at `position`.
    void patch32(std::size_t position, std::uint32_t value) { store(bytes_.data() + position, value); }

    std::size_t size() const noexcept { return bytes_.size(); }
    std::string_view view() const noexcept { return bytes_; }
    std::string take() noexcept { return std::move(bytes_); }

private:
    static void store(char* into, std::uint32_t value) {
        if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap32(value);
        std::memcpy(into, &value, sizeof value);
    }

    std::string bytes_;
};

/// A box of ISO/IEC 14496-12 that is open while this lives; its size is filled in at the end.
class BoxScope {
public:
    BoxScope(ByteWriter& out, std::string_view type) : out_(out), begin_(out.size()) {
        out_.u32(0);
        out_.text(type);
    }

    /// A full box, with version and flags.
    BoxScope(ByteWriter& out, std::string_view type, std::uint32_t version, std::uint32_t flags) : BoxScope(out, type) {
        out_.u32(version << 24 | flags);
    }
    BoxScope(const BoxScope&) = delete;
    BoxScope& operator=(const BoxScope&) = delete;
    ~BoxScope() { out_.patch32(begin_, static_cast<std::uint32_t>(out_.size() - begin_)); }

private:
    ByteWriter& out_;
    std::size_t begin_;
};

}  // namespace playhouse::streaming
