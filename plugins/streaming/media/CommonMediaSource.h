#pragma once

#include "Track.h"

#include <playhouse/Body.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace playhouse::streaming {

/// One CMAF segment, put together while it is read: boxes from memory, and samples that lie scattered in the file.
class CommonMediaSource final : public BodySource {
public:
    /// The boxes of a fragment, and the samples that follow them.
    struct Piece {
        SharedBuffer boxes;
        std::size_t firstSample = 0;
        std::size_t sampleCount = 0;
    };

    /// @param size  bytes of all pieces
    CommonMediaSource(SharedFile file, std::shared_ptr<const Track> track, std::vector<Piece> pieces,
                      std::uint64_t size);

    std::optional<std::uint64_t> size() const override { return size_; }
    std::size_t read(std::span<std::byte> into) override;

private:
    std::size_t readBoxes(std::span<std::byte> into);
    std::size_t readWholeSamples(std::span<std::byte> into);
    std::size_t readPartOfSample(std::span<std::byte> into);

    SharedFile file_;
    std::shared_ptr<const Track> track_;
    std::vector<Piece> pieces_;
    std::uint64_t size_;
    std::size_t piece_ = 0;
    std::size_t boxesUsed_ = 0;
    std::size_t samplesUsed_ = 0;  ///< of the piece
    std::size_t sampleUsed_ = 0;   ///< bytes of the sample after those
};

}  // namespace playhouse::streaming
