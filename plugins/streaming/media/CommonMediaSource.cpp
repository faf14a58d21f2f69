#include "CommonMediaSource.h"

#include "SampleRuns.h"

#include <algorithm>
#include <utility>

namespace playhouse::streaming {

CommonMediaSource::CommonMediaSource(SharedFile file, std::shared_ptr<const Track> track, std::vector<Piece> pieces,
                                     std::uint64_t size)
    : file_(std::move(file)), track_(std::move(track)), pieces_(std::move(pieces)), size_(size) {}

std::size_t CommonMediaSource::read(std::span<std::byte> into) {
    std::size_t filled = 0;
    while (filled < into.size() && piece_ < pieces_.size()) {
        const auto room = into.subspan(filled);
        const auto& piece = pieces_[piece_];
        if (boxesUsed_ < piece.boxes.size()) {
            filled += readBoxes(room);
        } else if (samplesUsed_ < piece.sampleCount) {
            const auto whole = sampleUsed_ == 0 ? readWholeSamples(room) : 0;
            filled += whole > 0 ? whole : readPartOfSample(room);
        } else {
            ++piece_;
            boxesUsed_ = samplesUsed_ = 0;
        }
    }
    return filled;
}

std::size_t CommonMediaSource::readBoxes(std::span<std::byte> into) {
    const auto left = pieces_[piece_].boxes.bytes().subspan(boxesUsed_);
    const auto taken = std::min(left.size(), into.size());
    std::ranges::copy(left.first(taken), into.begin());
    boxesUsed_ += taken;
    return taken;
}

std::size_t CommonMediaSource::readWholeSamples(std::span<std::byte> into) {
    const auto& piece = pieces_[piece_];
    const auto left =
        std::span(track_->samples).subspan(piece.firstSample + samplesUsed_, piece.sampleCount - samplesUsed_);
    std::size_t count = 0;
    std::size_t bytes = 0;
    while (count < left.size() && left[count].size <= into.size() - bytes) bytes += left[count++].size;
    readSamples(file_, left.first(count), into.first(bytes));
    samplesUsed_ += count;
    return bytes;
}

std::size_t CommonMediaSource::readPartOfSample(std::span<std::byte> into) {
    const auto& sample = track_->samples[pieces_[piece_].firstSample + samplesUsed_];
    const auto taken = std::min<std::size_t>(sample.size - sampleUsed_, into.size());
    file_.read(sample.offset + sampleUsed_, into.data(), taken);
    sampleUsed_ += taken;
    if (sampleUsed_ == sample.size) {
        ++samplesUsed_;
        sampleUsed_ = 0;
    }
    return taken;
}

}  // namespace playhouse::streaming
