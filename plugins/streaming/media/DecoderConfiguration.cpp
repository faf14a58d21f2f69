#include "DecoderConfiguration.h"

#include <array>
#include <stdexcept>
#include <string_view>

namespace playhouse::streaming {
namespace {

class ByteReader {
public:
    ByteReader(std::span<const std::byte> bytes, const char* name) : bytes_(bytes), name_(name) {}

    std::span<const std::byte> take(std::size_t count) {
        if (count > bytes_.size()) throw std::invalid_argument(std::string(name_) + " is cut short");
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }
    std::size_t number(std::size_t size) {
        std::size_t value = 0;
        for (const auto byte : take(size)) value = value << 8 | std::to_integer<std::size_t>(byte);
        return value;
    }
    bool empty() const noexcept { return bytes_.empty(); }

private:
    std::span<const std::byte> bytes_;
    const char* name_;
};

class BitReader {
public:
    explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::uint32_t bits(int count) {
        std::uint32_t value = 0;
        for (; count > 0; --count, ++position_) {
            if (position_ / 8 >= bytes_.size()) throw std::invalid_argument("its AAC configuration is cut short");
            value = value << 1 | (std::to_integer<std::uint32_t>(bytes_[position_ / 8]) >> (7 - position_ % 8) & 1);
        }
        return value;
    }

private:
    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
};

void appendParameterSets(ByteReader& reader, std::size_t count, std::vector<std::byte>& into) {
    static constexpr std::array startCode{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
    for (; count > 0; --count) {
        const auto set = reader.take(reader.number(2));
        if (set.empty()) throw std::invalid_argument("its H.264 configuration has an empty parameter set");
        into.insert(into.end(), startCode.begin(), startCode.end());
        into.insert(into.end(), set.begin(), set.end());
    }
}

std::uint32_t audioObjectType(BitReader& reader) {
    const auto type = reader.bits(5);
    return type == 31 ? 32 + reader.bits(6) : type;
}

}  // namespace

AvcConfiguration AvcConfiguration::parse(std::span<const std::byte> record) {
    ByteReader reader(record, "its H.264 configuration");
    if (reader.number(1) != 1) throw std::invalid_argument("its H.264 configuration is of an unknown version");

    AvcConfiguration parsed;
    static constexpr std::string_view digits = "0123456789abcdef";
    parsed.codec = "avc1.";
    for (const auto byte : reader.take(3)) {
        parsed.codec += digits[std::to_integer<std::size_t>(byte >> 4)];
        parsed.codec += digits[std::to_integer<std::size_t>(byte & std::byte{0x0f})];
    }
    parsed.lengthSize = (reader.number(1) & 3) + 1;
    const auto sequenceSets = reader.number(1) & 0x1f;
    appendParameterSets(reader, sequenceSets, parsed.parameterSets);
    const auto pictureSets = reader.number(1);
    appendParameterSets(reader, pictureSets, parsed.parameterSets);
    if (sequenceSets == 0 || pictureSets == 0)
        throw std::invalid_argument("its H.264 parameter sets are not in the header; write it as avc1");
    return parsed;
}

AacConfiguration AacConfiguration::parse(std::span<const std::byte> configuration) {
    BitReader reader(configuration);
    auto type = audioObjectType(reader);
    AacConfiguration parsed;
    parsed.codec = "mp4a.40." + std::to_string(type);
    const auto readFrequency = [&reader] {
        const auto index = reader.bits(4);
        if (index == 15) reader.bits(24);
        return index;
    };
    const auto frequency = readFrequency();
    parsed.frequencyIndex = static_cast<std::uint8_t>(frequency);
    parsed.channels = static_cast<std::uint8_t>(reader.bits(4));

    constexpr std::uint32_t spectralBandReplication = 5;
    constexpr std::uint32_t parametricStereo = 29;
    if (type == spectralBandReplication || type == parametricStereo) {
        readFrequency();
        type = audioObjectType(reader);
    }
    if (type < 1 || type > 4)
        throw std::invalid_argument("its AAC is of object type " + std::to_string(type) +
                                    "; encode it as AAC-LC or HE-AAC");
    if (frequency > 12)
        throw std::invalid_argument("its AAC has a sample rate that is none of MPEG-4; resample it to 48000 Hz");
    if (parsed.channels < 1 || parsed.channels > 7)
        throw std::invalid_argument("its AAC has no standard channel layout; encode it as mono, stereo, 5.1 or 7.1");
    parsed.profile = static_cast<std::uint8_t>(type - 1);
    return parsed;
}

bool inspectAccessUnit(std::span<const std::byte> sample) {
    ByteReader reader(sample, "a sample's last NAL unit");
    bool isRefresh = false;
    int delimiters = 0;
    while (!reader.empty()) {
        const auto nal = reader.take(reader.number(4));
        if (nal.empty()) throw std::invalid_argument("a sample holds an empty NAL unit");
        const auto type = nal.front() & nalTypeMask;
        isRefresh |= type == nalTypeRefresh;
        if (type != nalTypeDelimiter) continue;
        if (++delimiters > 1 || nal.size() != nalDelimiterSize)
            throw std::invalid_argument("a sample holds more than one access unit");
    }
    return isRefresh;
}

}  // namespace playhouse::streaming
