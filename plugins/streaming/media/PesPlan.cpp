#include "PesPlan.h"

#include "DecoderConfiguration.h"

#include <algorithm>
#include <array>

namespace playhouse::streaming {
namespace {

constexpr std::size_t headerWithPresentation = 14;
constexpr std::size_t headerWithBoth = 19;
constexpr std::size_t adtsHeaderSize = 7;
constexpr std::size_t lengthFieldEnd = 6;
constexpr std::size_t longestLength = 0xffff;

/// A decoder's buffers fill for this long before its first picture is due.
constexpr std::int64_t clockLead = 45000;

constexpr std::array delimiter{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}, std::byte{9}, std::byte{0xf0}};

std::size_t headerSize(const PesUnit& unit) {
    return unit.presentationTime == unit.decodeTime ? headerWithPresentation : headerWithBoth;
}

/// The fixed and variable header of ADTS (ISO/IEC 14496-3 section 1.A.2.2), its frame length 0.
std::uint64_t makeAdtsHeader(const AacConfiguration& configuration) {
    std::uint64_t header = 0xfff1;  // sync word, MPEG-4, no checksum
    header = header << 2 | configuration.profile;
    header = header << 4 | configuration.frequencyIndex;
    header = header << 4 | configuration.channels;  // and a private bit of 0
    header = header << 4;                           // original, home and copyright bits
    header = header << 13;
    header = header << 11 | 0x7ff;  // variable rate
    return header << 2;             // one frame
}

/// What nearly every sample lasts (a majority vote): for AAC the codec's frame length.
std::uint32_t usualDuration(const std::vector<Sample>& samples) {
    std::uint32_t candidate = 0;
    std::size_t votes = 0;
    for (const auto& sample : samples) {
        if (votes == 0) candidate = sample.duration;
        votes = sample.duration == candidate ? votes + 1 : votes - 1;
    }
    return candidate;
}

}  // namespace

PesPlan::PesPlan(const Track& track)
    : track_(track), isVideo_(track.kind == TrackKind::Video), tables_(ts::makeProgramTables(track)) {
    if (isVideo_)
        parameterSets_ = AvcConfiguration::parse(track.decoderConfiguration).parameterSets;
    else
        adtsHeader_ = makeAdtsHeader(AacConfiguration::parse(track.decoderConfiguration));
    if (!isVideo_) frameDuration_ = usualDuration(track.samples);
}

PesUnit PesPlan::unitAt(std::size_t first, const Segment& segment) const {
    const auto& sample = track_.samples[first];
    PesUnit unit;
    unit.firstSample = first;
    unit.isRandomAccess = sample.isKey;
    unit.hasTables = first == segment.firstSample || (isVideo_ && sample.isKey);
    unit.decodeTime = toClockTicks(sample.decodeTime);
    unit.presentationTime = toClockTicks(sample.decodeTime + sample.compositionOffset);
    unit.size = headerSize(unit);

    const auto end = isVideo_ ? first + 1 : segment.firstSample + segment.sampleCount;
    auto next = first;
    std::int64_t nextTime = unit.decodeTime;
    do {
        const auto& taken = track_.samples[next];
        unit.size += prefixSize(taken) + taken.size;
        nextTime = toClockTicks(taken.decodeTime + taken.duration);
        ++next;
        // A PES packet times its first frame alone; behind a gap a frame needs a packet of its own.
    } while (next < end && track_.samples[next - 1].duration == frameDuration_ &&
             toClockTicks(track_.samples[next].decodeTime + track_.samples[next].duration) - unit.decodeTime <=
                 clockInterval &&
             unit.size + adtsHeaderSize + track_.samples[next].size - lengthFieldEnd <= longestLength);
    unit.sampleCount = next - first;

    constexpr auto firstCapacity = ts::payloadSize - ts::clockFieldSize;
    unit.packets =
        1 + (std::max<std::uint64_t>(unit.size, firstCapacity) - firstCapacity + ts::payloadSize - 1) / ts::payloadSize;
    const auto gap = nextTime - unit.decodeTime;
    unit.clockPackets = gap > clockInterval ? static_cast<std::uint64_t>((gap - 1) / clockInterval) : 0;
    return unit;
}

void PesPlan::writePrefix(const PesUnit& unit, std::size_t index, std::vector<std::byte>& into) const {
    into.clear();
    if (index == unit.firstSample) {
        const auto size = headerSize(unit);
        const auto length = unit.size - lengthFieldEnd;
        into.resize(size);
        into[2] = std::byte{1};
        into[3] = isVideo_ ? std::byte{0xe0} : std::byte{0xc0};
        if (length <= longestLength) {  // else 0: a picture may be of any length
            into[4] = static_cast<std::byte>(length >> 8);
            into[5] = static_cast<std::byte>(length);
        }
        into[6] = std::byte{0x84};  // begins with an access unit
        into[7] = size == headerWithBoth ? std::byte{0xc0} : std::byte{0x80};
        into[8] = static_cast<std::byte>(size - 9);
        ts::writeTimestamp(&into[9], size == headerWithBoth ? 3 : 2, unit.presentationTime);
        if (size == headerWithBoth) ts::writeTimestamp(&into[14], 1, unit.decodeTime);
    }
    const auto& sample = track_.samples[index];
    if (isVideo_) {
        into.insert(into.end(), delimiter.begin(), delimiter.end());
        if (sample.isKey) into.insert(into.end(), parameterSets_.begin(), parameterSets_.end());
    } else {
        const auto header = adtsHeader_ | static_cast<std::uint64_t>(sample.size + adtsHeaderSize) << 13;
        for (int shift = 48; shift >= 0; shift -= 8) into.push_back(static_cast<std::byte>(header >> shift));
    }
}

std::int64_t PesPlan::clock(const PesUnit& unit, std::uint64_t intervals) noexcept {
    return unit.decodeTime - clockLead + static_cast<std::int64_t>(intervals) * clockInterval;
}

std::size_t PesPlan::prefixSize(const Sample& sample) const noexcept {
    if (!isVideo_) return adtsHeaderSize;
    return delimiter.size() + (sample.isKey ? parameterSets_.size() : 0);
}

std::int64_t PesPlan::toClockTicks(std::int64_t time) const noexcept {
    // Whole seconds apart, so that no product overflows; to the nearest tick, the same in every rendition.
    const auto timescale = static_cast<std::int64_t>(track_.timescale);
    auto seconds = time / timescale;
    auto rest = time % timescale;
    if (rest < 0) {
        rest += timescale;
        --seconds;
    }
    return timestampOffset + seconds * 90000 + (rest * 90000 + timescale / 2) / timescale;
}

}  // namespace playhouse::streaming
