#include "SampleWindow.h"

#include "DecoderConfiguration.h"
#include "SampleRuns.h"

#include <algorithm>
#include <stdexcept>

namespace playhouse::streaming {
namespace {

/// Small enough to stay in the second-level cache beside what is written.
constexpr std::size_t capacity = 64 * 1024;

constexpr std::size_t lengthSize = 4;

}  // namespace

SampleWindow::SampleWindow(SharedFile file, std::span<const Sample> samples, NalUnits nalUnits)
    : file_(std::move(file)),
      samples_(samples),
      nalUnits_(nalUnits),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}

void SampleWindow::enter(std::size_t index) {
    const auto& sample = samples_[index];
    const auto convertedEnd = nextNalUnit_;
    index_ = index;
    position_ = sample.offset;
    sampleEnd_ = sample.offset + sample.size;
    nextNalUnit_ = position_;
    // Samples of a broken file may share bytes, of which the window no longer has the lengths once they are converted.
    if (position_ < std::max(windowBegin_, convertedEnd) || position_ > windowEnd_)
        windowBegin_ = windowEnd_ = position_;
    expose();
}

void SampleWindow::fill() {
    auto end = std::min(sampleEnd_, position_ + capacity);
    for (auto next = index_ + 1; next < samples_.size() && end < position_ + capacity; ++next) {
        const auto& sample = samples_[next];
        if (sample.offset < end || sample.offset - end > widestGap || sample.offset >= position_ + capacity) break;
        end = std::min(sample.offset + sample.size, position_ + capacity);
    }
    windowBegin_ = windowEnd_ = position_;
    file_.read(position_, buffer_.get(), static_cast<std::size_t>(end - position_));
    windowEnd_ = end;
    expose();
}

void SampleWindow::expose() {
    exposedEnd_ = std::min(windowEnd_, sampleEnd_);
    if (nalUnits_ == NalUnits::AsStored) return;
    while (nextNalUnit_ < exposedEnd_) {
        const auto left = sampleEnd_ - nextNalUnit_;
        const auto exposed = exposedEnd_ - nextNalUnit_;
        if (exposed < std::min<std::uint64_t>(left, lengthSize + nalDelimiterSize)) {
            exposedEnd_ = nextNalUnit_;  // what is converted is read whole by the next fill
            return;
        }
        nextNalUnit_ += convert({buffer_.get() + (nextNalUnit_ - windowBegin_), exposed}, left);
    }
}

std::uint64_t SampleWindow::convert(std::span<std::byte> bytes, std::uint64_t left) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < lengthSize && i < bytes.size(); ++i)
        length = length << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    if (left <= lengthSize || length > left - lengthSize)
        throw std::runtime_error("the media file changed while it was in use");
    const bool isDelimiter = length == nalDelimiterSize && (bytes[lengthSize] & nalTypeMask) == nalTypeDelimiter;
    std::ranges::fill(bytes.first(lengthSize + (isDelimiter ? nalDelimiterSize : 0)), std::byte{0});
    if (!isDelimiter) bytes[lengthSize - 1] = std::byte{1};
    return lengthSize + length;
}

}  // namespace playhouse::streaming
