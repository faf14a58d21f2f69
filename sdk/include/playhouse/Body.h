#pragma once

#include "FileRange.h"
#include "SharedBuffer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace playhouse {

/// A body that is made while it is sent: the host asks for the next bytes only when the client has taken the last.
///
/// The host calls one source from one thread at a time: on the connection's loop for a route with Execution::Inline,
/// else on a worker. It is destroyed as soon as the response is sent or the client has gone, and it keeps its plugin's
/// generation in use until then.
class BodySource {
public:
    virtual ~BodySource();

    /// Bytes in all, when known beforehand; then the response carries Content-Length and can be ranged, and the source
    /// must deliver exactly as many. Otherwise it is sent chunked.
    virtual std::optional<std::uint64_t> size() const = 0;

    /// Writes the next bytes to the front of `into` and returns how many; 0 ends the body.
    ///
    /// A throw cuts the connection, which tells the client that the body is incomplete; it is logged, and counts as an
    /// error of this version of the plugin.
    virtual std::size_t read(std::span<std::byte> into) = 0;

    /// Passes over the next `count` bytes; called before the first read() to serve a range. By default it reads and
    /// forgets them.
    virtual void skip(std::uint64_t count);
};

/// What a response carries: nothing; a sequence of memory and file parts whose size is known; or a source.
class Body {
public:
    using Part = std::variant<SharedBuffer, FileRange>;

    Body() noexcept = default;
    Body(SharedBuffer buffer);
    Body(FileRange range);

    /// The parts, one after the other.
    explicit Body(std::vector<Part> parts);

    /// What `source` gives, which the body owns from now on.
    explicit Body(std::unique_ptr<BodySource> source);

    /// The parts in order; empty for a source.
    const std::vector<Part>& parts() const noexcept { return parts_; }

    /// The source, or null. Owned by the body.
    BodySource* source() const noexcept { return source_.get(); }

    /// Bytes in all, when known.
    std::optional<std::uint64_t> size() const;

    /// The `size` bytes from `offset` on of a body made of parts. Throws std::out_of_range when they are not all there,
    /// std::logic_error for a source.
    Body slice(std::uint64_t offset, std::uint64_t size) const;

private:
    std::vector<Part> parts_;
    std::unique_ptr<BodySource> source_;
};

/// Bytes in one part.
std::uint64_t sizeOf(const Body::Part& part) noexcept;

}  // namespace playhouse
