#include "TransportStream.h"

#include "TransportStreamSource.h"

#include <stdexcept>

namespace playhouse::streaming {
namespace {

/// The packets of PAT and PMT.
constexpr std::uint64_t tableCount = 2;

}  // namespace

std::shared_ptr<const TransportStreamPackager> TransportStreamPackager::make(SharedFile file,
                                                                             std::shared_ptr<const Track> track,
                                                                             std::vector<Segment> segments) {
    struct Constructible : TransportStreamPackager {
        Constructible(SharedFile file, std::shared_ptr<const Track> track, std::vector<Segment> segments)
            : TransportStreamPackager(std::move(file), std::move(track), std::move(segments)) {}
    };
    return std::make_shared<Constructible>(std::move(file), std::move(track), std::move(segments));
}

TransportStreamPackager::TransportStreamPackager(SharedFile file, std::shared_ptr<const Track> track,
                                                 std::vector<Segment> segments)
    : file_(std::move(file)), track_(std::move(track)), segments_(std::move(segments)), plan_(*track_) {
    layouts_.reserve(segments_.size());
    std::uint64_t tables = 0;
    std::uint64_t payloads = 0;
    for (const auto& segment : segments_) {
        Layout layout{0, tables, payloads};
        for (auto sample = segment.firstSample; sample < segment.firstSample + segment.sampleCount;) {
            const auto unit = plan_.unitAt(sample, segment);
            layout.size += unit.allPackets() * ts::packetSize;
            payloads += unit.packets;
            if (unit.hasTables) ++tables;
            sample += unit.sampleCount;
        }
        layouts_.push_back(layout);
    }
}

std::uint64_t TransportStreamPackager::segmentSize(std::size_t index) const {
    return layouts_.at(index).size;
}

std::unique_ptr<BodySource> TransportStreamPackager::segment(std::size_t index) const {
    return std::make_unique<TransportStreamSource>(shared_from_this(), index);
}

std::vector<KeyFrameRange> TransportStreamPackager::keyFrames() const {
    std::vector<KeyFrameRange> ranges;
    if (track_->kind != TrackKind::Video) return ranges;
    for (std::size_t index = 0; index < segments_.size(); ++index) {
        const auto& segment = segments_[index];
        std::uint64_t offset = 0;
        for (auto i = segment.firstSample; i < segment.firstSample + segment.sampleCount; ++i) {
            const auto unit = plan_.unitAt(i, segment);
            const auto& sample = track_->samples[i];
            if (sample.isKey) {
                const auto start = sample.decodeTime + sample.compositionOffset;
                if (!ranges.empty()) ranges.back().duration = start - ranges.back().start;
                // Without the tables before it: they are the initialization section, which the range of an I-frame may
                // not include (RFC 8216 section 4.3.3.6).
                ranges.push_back(
                    {start, 0, index, offset + tableCount * ts::packetSize, unit.packets * ts::packetSize});
            }
            offset += unit.allPackets() * ts::packetSize;
        }
    }
    if (!ranges.empty())
        ranges.back().duration = segments_.back().start + segments_.back().duration - ranges.back().start;
    return ranges;
}

}  // namespace playhouse::streaming
