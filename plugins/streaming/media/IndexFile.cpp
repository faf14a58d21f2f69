#include "IndexFile.h"

#include "ByteWriter.h"

#include <zlib.h>

#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace playhouse::streaming {
namespace {

constexpr std::string_view magic = "PHMI";
constexpr std::uint32_t version = 1;
constexpr std::size_t headerSize = 12;
constexpr std::uint64_t smallestSample = 4;  // bytes of a sample's differences, at least
constexpr std::int64_t longestSample = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t latestDecodeTime = std::int64_t{1} << 60;

std::uint32_t checksum(std::string_view bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

class NumberWriter {
public:
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_.u8(static_cast<std::uint32_t>(value & 0x7f) | 0x80);
        out_.u8(static_cast<std::uint32_t>(value));
    }
    void difference(std::int64_t value) {
        number(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
    }
    void text(std::string_view text) {
        number(text.size());
        out_.text(text);
    }
    std::string take() { return out_.take(); }

private:
    ByteWriter out_{64 * 1024};
};

class NumberReader {
public:
    explicit NumberReader(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (position_ == bytes_.size()) throw std::out_of_range("the index ends early");
            const auto byte = static_cast<unsigned char>(bytes_[position_++]);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        throw std::out_of_range("a number of the index has no end");
    }
    std::int64_t difference() {
        const auto value = number();
        return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
    }
    template <typename Number>
    Number as() {
        if constexpr (std::is_signed_v<Number>)
            return checked<Number>(difference());
        else
            return checked<Number>(number());
    }
    std::string_view text() {
        const auto size = number();
        if (size > left()) throw std::out_of_range("a text of the index is too long");
        const auto text = bytes_.substr(position_, static_cast<std::size_t>(size));
        position_ += text.size();
        return text;
    }
    std::size_t left() const noexcept { return bytes_.size() - position_; }

private:
    template <typename Number, typename Wide>
    static Number checked(Wide value) {
        if (!std::in_range<Number>(value)) throw std::out_of_range("a number of the index is too large");
        return static_cast<Number>(value);
    }

    std::string_view bytes_;
    std::size_t position_ = 0;
};

void writeTrack(NumberWriter& out, const Track& track) {
    out.number(track.kind == TrackKind::Video ? 0 : 1);
    out.text(track.codec);
    out.text(track.language);
    out.number(track.timescale);
    for (const auto value : {track.width, track.height, track.channels, track.sampleRate, track.color.primaries,
                             track.color.transfer, track.color.matrix, static_cast<int>(track.color.isFullRange)})
        out.difference(value);
    for (const auto& ratio : {track.sampleAspectRatio, track.frameRate}) {
        out.difference(ratio.numerator);
        out.difference(ratio.denominator);
    }
    const auto* configuration = reinterpret_cast<const char*>(track.decoderConfiguration.data());
    out.text({configuration, track.decoderConfiguration.size()});

    out.number(track.samples.size());
    out.difference(track.samples.front().decodeTime);
    std::uint64_t end = 0;
    std::int64_t duration = 0;
    for (const auto& sample : track.samples) {
        out.difference(static_cast<std::int64_t>(sample.offset - end));
        out.number(static_cast<std::uint64_t>(sample.size) << 1 | static_cast<std::uint64_t>(sample.isKey));
        out.difference(sample.duration - duration);
        out.difference(sample.compositionOffset);
        end = sample.offset + sample.size;
        duration = sample.duration;
    }
}

Track readTrack(NumberReader& in, std::uint64_t fileSize) {
    Track track;
    track.kind = in.number() == 0 ? TrackKind::Video : TrackKind::Audio;
    track.codec = in.text();
    track.language = in.text();
    track.timescale = in.as<std::uint32_t>();
    for (auto* value : {&track.width, &track.height, &track.channels, &track.sampleRate, &track.color.primaries,
                        &track.color.transfer, &track.color.matrix})
        *value = in.as<int>();
    track.color.isFullRange = in.as<int>() != 0;
    for (auto* ratio : {&track.sampleAspectRatio, &track.frameRate}) {
        ratio->numerator = in.difference();
        ratio->denominator = in.difference();
        if (ratio->denominator == 0) throw std::out_of_range("the index has a ratio to nothing");
    }
    if (track.timescale == 0) throw std::out_of_range("the index has a track without a timescale");
    const auto configuration = std::as_bytes(std::span(in.text()));
    track.decoderConfiguration.assign(configuration.begin(), configuration.end());

    const auto count = in.number();
    auto decodeTime = in.difference();
    if (count == 0 || count > in.left() / smallestSample) throw std::out_of_range("the index counts too many samples");
    track.samples.resize(static_cast<std::size_t>(count));
    std::uint64_t end = 0;
    std::int64_t duration = 0;
    for (auto& sample : track.samples) {
        sample.offset = end + static_cast<std::uint64_t>(in.difference());
        const auto packed = in.number();
        if (packed >> 33 != 0) throw std::out_of_range("the index has a sample of 4 GiB");
        sample.size = static_cast<std::uint32_t>(packed >> 1);
        sample.isKey = (packed & 1) != 0;
        const auto change = in.difference();
        if (change < -longestSample || change > longestSample || !std::in_range<std::uint32_t>(duration + change) ||
            decodeTime < -latestDecodeTime || decodeTime > latestDecodeTime)
            throw std::out_of_range("the index has a sample beyond all time");
        duration += change;
        sample.duration = static_cast<std::uint32_t>(duration);
        sample.compositionOffset = in.as<std::int32_t>();
        sample.decodeTime = decodeTime;
        decodeTime += duration;
        end = sample.offset + sample.size;
        if (sample.offset > fileSize || sample.size > fileSize - sample.offset)
            throw std::out_of_range("the index names a sample beyond the file");
    }
    return track;
}

}  // namespace

std::string encodeIndex(const std::vector<Track>& tracks, std::string_view fingerprint) {
    NumberWriter content;
    content.text(fingerprint);
    content.number(tracks.size());
    for (const auto& track : tracks) writeTrack(content, track);
    const auto bytes = content.take();

    ByteWriter out(headerSize + bytes.size());
    out.text(magic);
    out.u32(version);
    out.u32(checksum(bytes));
    out.text(bytes);
    return out.take();
}

std::optional<std::vector<Track>> decodeIndex(std::string_view bytes, std::string_view fingerprint,
                                              std::uint64_t fileSize) {
    if (bytes.size() < headerSize) return std::nullopt;
    const auto content = bytes.substr(headerSize);
    ByteWriter header(headerSize);
    header.text(magic);
    header.u32(version);
    header.u32(checksum(content));
    if (bytes.substr(0, headerSize) != header.view()) return std::nullopt;
    try {
        NumberReader in(content);
        if (in.text() != fingerprint) return std::nullopt;
        std::vector<Track> tracks;
        for (auto count = in.number(); count > 0; --count) tracks.push_back(readTrack(in, fileSize));
        return tracks;
    } catch (const std::out_of_range&) {
        return std::nullopt;
    }
}

}  // namespace playhouse::streaming
