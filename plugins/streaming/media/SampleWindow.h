#pragma once

#include "Track.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace playhouse::streaming {

/// Reads samples one after another through a small buffer, many by one read where they lie close together in the file.
/// When asked for, lengths before NAL units become start codes, and access unit delimiters, which the writer puts first
/// itself, become the zeros that may lie between NAL units. Not safe between threads.
class SampleWindow {
public:
    enum class NalUnits { AsStored, WithStartCodes };

    /// @param samples  in the order they are read; outlives this
    SampleWindow(SharedFile file, std::span<const Sample> samples, NalUnits nalUnits);

    /// Goes to the begin of sample `index`.
    void enter(std::size_t index);

    /// The next bytes of the sample, at least one; empty at its end. Throws std::runtime_error when the file is no more
    /// what was indexed.
    std::span<const std::byte> available() {
        if (position_ == exposedEnd_ && position_ < sampleEnd_) fill();
        return {buffer_.get() + (position_ - windowBegin_), static_cast<std::size_t>(exposedEnd_ - position_)};
    }

    /// Passes over `count` of the bytes that are available.
    void consume(std::size_t count) noexcept { position_ += count; }

private:
    void fill();
    void expose();

    /// Converts the NAL unit at the front of `bytes`, `left` from the sample's end; returns its size.
    static std::uint64_t convert(std::span<std::byte> bytes, std::uint64_t left);

    SharedFile file_;
    std::span<const Sample> samples_;
    NalUnits nalUnits_;
    std::size_t index_ = 0;
    std::uint64_t position_ = 0;  ///< this and all below are offsets in the file
    std::uint64_t sampleEnd_ = 0;
    std::uint64_t nextNalUnit_ = 0;
    std::uint64_t exposedEnd_ = 0;  ///< up to here bytes are in the buffer, belong to the sample, and are converted
    std::uint64_t windowBegin_ = 0;
    std::uint64_t windowEnd_ = 0;
    std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace playhouse::streaming
