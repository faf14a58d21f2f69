#include "CommonMedia.h"

#include "InitializationSegment.h"
#include "SampleRuns.h"

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>

namespace playhouse::streaming {
namespace {

// tfhd and trun flags (ISO/IEC 14496-12 sections 8.8.7 and 8.8.8).
constexpr std::uint32_t defaultDurationPresent = 0x000008;
constexpr std::uint32_t defaultFlagsPresent = 0x000020;
constexpr std::uint32_t defaultBaseIsMoof = 0x020000;
constexpr std::uint32_t dataOffsetPresent = 0x000001;
constexpr std::uint32_t firstSampleFlagsPresent = 0x000004;
constexpr std::uint32_t durationPresent = 0x000100;
constexpr std::uint32_t sizePresent = 0x000200;
constexpr std::uint32_t compositionOffsetPresent = 0x000800;

constexpr std::uint32_t independentSample = 0x02000000;
constexpr std::uint32_t dependentSample = 0x01010000;  // and no sync sample

constexpr std::size_t boxHeader = 8;
constexpr std::size_t fullBoxHeader = 12;
constexpr std::size_t segmentTypeSize = boxHeader + 20;
constexpr std::size_t segmentIndexSize = fullBoxHeader + 28;
constexpr std::size_t referenceSize = 12;

/// Sending runs of this length from the file costs less than copying them; shorter ones cost more calls than copies.
constexpr std::uint64_t longAverageRun = 256 * 1024;

/// A segment up to this size is read at once; a larger one is read while it is sent.
constexpr std::uint64_t largestInMemory = 128 * 1024;

/// Bytes of styp and sidx.
constexpr std::size_t segmentHeaderSize(std::size_t fragments) noexcept {
    return segmentTypeSize + segmentIndexSize + fragments * referenceSize;
}

}  // namespace

CommonMediaPackager::CommonMediaPackager(SharedFile file, std::shared_ptr<const Track> track,
                                         std::vector<Segment> segments)
    : file_(std::move(file)),
      track_(std::move(track)),
      segments_(std::move(segments)),
      initialization_(writeInitialization(*track_)),
      decodeShift_(std::max<std::int64_t>(0, -track_->samples.front().decodeTime)) {
    hasCompositionOffsets_ = std::ranges::any_of(
        track_->samples, [this](const Sample& sample) { return sample.compositionOffset != decodeShift_; });
    layouts_.reserve(segments_.size());
    for (const auto& segment : segments_) layOut(segment);
}

void CommonMediaPackager::layOut(const Segment& segment) {
    const bool isVideo = track_->kind == TrackKind::Video;
    const auto samples = std::span(track_->samples).subspan(segment.firstSample, segment.sampleCount);
    Layout layout;
    layout.firstFragment = fragments_.size();
    std::uint64_t media = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto& sample = samples[i];
        if (i == 0 || (isVideo && sample.isKey)) fragments_.push_back({segment.firstSample + i, 0, 0, true});
        auto& fragment = fragments_.back();
        ++fragment.sampleCount;
        fragment.mediaSize += sample.size;
        fragment.hasOneDuration &= sample.duration == track_->samples[fragment.firstSample].duration;
        media += sample.size;
    }
    layout.fragmentCount = fragments_.size() - layout.firstFragment;
    layout.boxesSize = segmentHeaderSize(layout.fragmentCount);
    for (auto i = layout.firstFragment; i < fragments_.size(); ++i)
        layout.boxesSize += fragmentBoxesSize(fragments_[i]);
    layout.size = layout.boxesSize + media;
    if (layout.size > std::numeric_limits<std::int32_t>::max() ||
        layout.fragmentCount > std::numeric_limits<std::uint16_t>::max())
        throw std::length_error("a segment of 2 GiB, or of 65536 groups of pictures, is more than CMAF can say");
    const auto runs = countSampleRuns(samples);
    layout.isSentFromFile = runs == 1 || media / runs >= longAverageRun;
    layouts_.push_back(layout);
}

const SharedBuffer& CommonMediaPackager::initialization() const noexcept {
    return initialization_;
}

std::uint64_t CommonMediaPackager::segmentSize(std::size_t index) const {
    return layouts_.at(index).size;
}

Body CommonMediaPackager::segment(std::size_t index) const {
    const auto& layout = layouts_.at(index);
    if (layout.isSentFromFile) return sendFromFile(index);
    auto source = std::make_unique<CommonMediaSource>(file_, track_, pieces(index), layout.size);
    if (layout.size > largestInMemory) return Body(std::move(source));
    // On the heap: a memory file costs more to set up than such a segment takes to package.
    std::string bytes(static_cast<std::size_t>(layout.size), '\0');
    source->read(std::as_writable_bytes(std::span(bytes)));
    return Body(SharedBuffer(std::move(bytes)));
}

std::vector<CommonMediaSource::Piece> CommonMediaPackager::pieces(std::size_t index) const {
    const auto& layout = layouts_[index];
    const auto boxes = writeBoxes(index);
    std::vector<CommonMediaSource::Piece> pieces;
    std::size_t used = 0;
    for (std::size_t i = 0; i < layout.fragmentCount; ++i) {
        const auto& fragment = fragments_[layout.firstFragment + i];
        const auto size = (i == 0 ? segmentHeaderSize(layout.fragmentCount) : 0) + fragmentBoxesSize(fragment);
        pieces.push_back({boxes.slice(used, size), fragment.firstSample, fragment.sampleCount});
        used += size;
    }
    return pieces;
}

Body CommonMediaPackager::sendFromFile(std::size_t index) const {
    std::vector<Body::Part> parts;
    for (auto& piece : pieces(index)) {
        parts.emplace_back(std::move(piece.boxes));
        for (const auto& run : sampleRuns(std::span(track_->samples).subspan(piece.firstSample, piece.sampleCount)))
            parts.emplace_back(FileRange{file_, run.offset, run.size});
    }
    return Body(std::move(parts));
}

SharedBuffer CommonMediaPackager::writeBoxes(std::size_t index) const {
    const auto& layout = layouts_[index];
    ByteWriter out(layout.boxesSize);
    writeSegmentHeader(out, index);
    for (std::size_t i = 0; i < layout.fragmentCount; ++i) writeFragmentHeader(out, layout.firstFragment + i);
    return SharedBuffer(out.take());
}

void CommonMediaPackager::writeSegmentHeader(ByteWriter& out, std::size_t index) const {
    const auto& layout = layouts_[index];
    const auto& segment = segments_[index];
    {
        BoxScope type(out, "styp");
        out.text("cmfs");
        out.u32(0);
        out.text("cmfsmsdhmsix");
    }
    BoxScope box(out, "sidx", 1, 0);
    out.u32(trackId);
    out.u32(track_->timescale);
    out.u64(static_cast<std::uint64_t>(std::max<std::int64_t>(segment.start, 0)));
    out.u64(0);  // the first fragment follows at once
    out.u16(0);
    out.u16(static_cast<std::uint32_t>(layout.fragmentCount));
    for (std::size_t i = 0; i < layout.fragmentCount; ++i) {
        const auto& fragment = fragments_[layout.firstFragment + i];
        const bool isLast = i + 1 == layout.fragmentCount;
        const auto end = isLast ? segment.start + segment.duration
                                : presentationTime(fragments_[layout.firstFragment + i + 1].firstSample);
        out.u32(static_cast<std::uint32_t>(fragmentBoxesSize(fragment) + fragment.mediaSize));
        out.u32(static_cast<std::uint32_t>(end - presentationTime(fragment.firstSample)));
        out.u32(0x90000000);  // begins with a stream access point of type 1
    }
}

void CommonMediaPackager::writeFragmentHeader(ByteWriter& out, std::size_t index) const {
    const auto& fragment = fragments_[index];
    const auto samples = std::span(track_->samples).subspan(fragment.firstSample, fragment.sampleCount);
    const bool isVideo = track_->kind == TrackKind::Video;
    {
        BoxScope moof(out, "moof");
        {
            BoxScope header(out, "mfhd", 0, 0);
            out.u32(static_cast<std::uint32_t>(index + 1));
        }
        BoxScope track(out, "traf");
        {
            const auto flags =
                defaultBaseIsMoof | defaultFlagsPresent | (fragment.hasOneDuration ? defaultDurationPresent : 0);
            BoxScope header(out, "tfhd", 0, flags);
            out.u32(trackId);
            if (fragment.hasOneDuration) out.u32(samples.front().duration);
            out.u32(isVideo ? dependentSample : independentSample);
        }
        {
            BoxScope time(out, "tfdt", 1, 0);
            out.u64(static_cast<std::uint64_t>(samples.front().decodeTime + decodeShift_));
        }
        const auto flags = dataOffsetPresent | sizePresent | (isVideo ? firstSampleFlagsPresent : 0) |
                           (fragment.hasOneDuration ? 0 : durationPresent) |
                           (hasCompositionOffsets_ ? compositionOffsetPresent : 0);
        BoxScope run(out, "trun", 1, flags);
        out.u32(static_cast<std::uint32_t>(samples.size()));
        out.u32(static_cast<std::uint32_t>(fragmentBoxesSize(fragment)));
        if (isVideo) out.u32(independentSample);
        for (const auto& sample : samples) {
            if (!fragment.hasOneDuration) out.u32(sample.duration);
            out.u32(sample.size);
            if (hasCompositionOffsets_) out.u32(static_cast<std::uint32_t>(sample.compositionOffset - decodeShift_));
        }
    }
    out.u32(static_cast<std::uint32_t>(boxHeader + fragment.mediaSize));
    out.text("mdat");
}

std::size_t CommonMediaPackager::fragmentBoxesSize(const Fragment& fragment) const noexcept {
    constexpr std::size_t fixed = boxHeader            // moof
                                  + fullBoxHeader + 4  // mfhd
                                  + boxHeader          // traf
                                  + fullBoxHeader + 8  // tfhd
                                  + fullBoxHeader + 8  // tfdt
                                  + fullBoxHeader + 8  // trun
                                  + boxHeader;         // mdat
    const std::size_t perFragment = (fragment.hasOneDuration ? 4u : 0u) + (track_->kind == TrackKind::Video ? 4u : 0u);
    const std::size_t perSample = 4u + (fragment.hasOneDuration ? 0u : 4u) + (hasCompositionOffsets_ ? 4u : 0u);
    return fixed + perFragment + fragment.sampleCount * perSample;
}

std::int64_t CommonMediaPackager::presentationTime(std::size_t sample) const noexcept {
    return track_->samples[sample].decodeTime + track_->samples[sample].compositionOffset;
}

std::vector<KeyFrameRange> CommonMediaPackager::keyFrames() const {
    std::vector<KeyFrameRange> ranges;
    if (track_->kind != TrackKind::Video) return ranges;
    for (std::size_t index = 0; index < segments_.size(); ++index) {
        const auto& layout = layouts_[index];
        auto offset = segmentHeaderSize(layout.fragmentCount);
        for (std::size_t i = 0; i < layout.fragmentCount; ++i) {
            const auto& fragment = fragments_[layout.firstFragment + i];
            const auto boxes = fragmentBoxesSize(fragment);
            const auto start = presentationTime(fragment.firstSample);
            if (!ranges.empty()) ranges.back().duration = start - ranges.back().start;
            ranges.push_back({start, 0, index, offset, boxes + track_->samples[fragment.firstSample].size});
            offset += boxes + static_cast<std::size_t>(fragment.mediaSize);
        }
    }
    if (!ranges.empty())
        ranges.back().duration = segments_.back().start + segments_.back().duration - ranges.back().start;
    return ranges;
}

}  // namespace playhouse::streaming
