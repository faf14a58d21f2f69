#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace playhouse {

/// Takes what a plugin hands to its next version: bytes, never pointers.
class StateWriter {
public:
    virtual ~StateWriter();
    /// Appends bytes. Throws std::length_error beyond `swap.maximum-state-size`.
    virtual void write(std::span<const std::byte> bytes) = 0;
    void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
};

/// What the version before wrote.
class StateReader {
public:
    virtual ~StateReader();
    /// The schema that the writer declared by Plugin::stateSchema().
    virtual std::uint32_t schema() const = 0;

    /// All that was written, valid until loadState() returns.
    virtual std::span<const std::byte> bytes() const = 0;
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes().data()), bytes().size()}; }
};

}  // namespace playhouse
