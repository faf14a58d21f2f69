#include "TrackReader.h"

#include "DecoderConfiguration.h"
#include "Language.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>

namespace playhouse::streaming {
namespace {

constexpr std::int64_t longestPresentationSeconds = 100 * 3600;
constexpr std::int64_t longestSampleSeconds = 600;
constexpr std::size_t largestAdtsPayload = 8191 - 7;

std::span<const std::byte> extradata(const AVStream& stream) {
    return std::as_bytes(
        std::span(stream.codecpar->extradata, static_cast<std::size_t>(stream.codecpar->extradata_size)));
}

std::uint32_t tag(const char (&name)[5]) {
    return MKTAG(static_cast<unsigned>(name[0]), static_cast<unsigned>(name[1]), static_cast<unsigned>(name[2]),
                 static_cast<unsigned>(name[3]));
}

/// The frame rate over all samples. Coarse timescales round each sample's time, so a rate within a hundredth of a
/// percent of a whole one, or of a whole one times 1000/1001, is taken for it.
Rational measureFrameRate(const Track& track) {
    const auto ticks = std::accumulate(track.samples.begin(), track.samples.end(), std::int64_t{0},
                                       [](std::int64_t sum, const Sample& sample) { return sum + sample.duration; });
    const auto frames = static_cast<std::int64_t>(track.samples.size());
    const double measured = static_cast<double>(frames) * track.timescale / static_cast<double>(ticks);
    const auto isNear = [measured](double rate) { return std::abs(measured - rate) < rate * 1e-4; };
    const auto whole = static_cast<std::int64_t>(std::llround(measured));
    if (whole > 0 && isNear(static_cast<double>(whole))) return {whole, 1};
    const auto film = static_cast<std::int64_t>(std::llround(measured * 1.001));
    if (film > 0 && isNear(static_cast<double>(film) / 1.001)) return {film * 1000, 1001};
    const auto numerator = frames * track.timescale;
    const auto divisor = std::gcd(numerator, ticks);
    return {numerator / divisor, ticks / divisor};
}

}  // namespace

bool TrackReader::canRead(const AVStream& stream) {
    if (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) return false;
    return stream.codecpar->codec_id == AV_CODEC_ID_H264 || stream.codecpar->codec_id == AV_CODEC_ID_AAC;
}

TrackReader::TrackReader(const AVStream& stream) : stream_(stream) {
    if (stream.time_base.num != 1 || stream.time_base.den < 1)
        throw std::runtime_error("a track has a broken timescale; remux it");
    track_.timescale = static_cast<std::uint32_t>(stream.time_base.den);
    const auto* language = av_dict_get(stream.metadata, "language", nullptr, 0);
    track_.language = languageTag(language ? language->value : "und");
    track_.decoderConfiguration.assign(extradata(stream).begin(), extradata(stream).end());
    stream.codecpar->codec_id == AV_CODEC_ID_H264 ? readVideo(stream) : readAudio(stream);
}

void TrackReader::readVideo(const AVStream& stream) {
    const auto& parameters = *stream.codecpar;
    if (parameters.codec_tag != tag("avc1") && parameters.codec_tag != tag("avc3"))
        throw std::runtime_error("its H.264 is encrypted or not in avc1 form");
    const auto configuration = AvcConfiguration::parse(track_.decoderConfiguration);
    if (configuration.lengthSize != 4)
        throw std::runtime_error("its NAL units have lengths of " + std::to_string(configuration.lengthSize) +
                                 " bytes; remux it with lengths of 4 bytes");
    if (parameters.width < 1 || parameters.height < 1 || parameters.width > 16384 || parameters.height > 16384)
        throw std::runtime_error("its picture size is broken");
    track_.kind = TrackKind::Video;
    track_.codec = configuration.codec;
    track_.width = parameters.width;
    track_.height = parameters.height;
    const auto ratio = stream.sample_aspect_ratio.num > 0 ? stream.sample_aspect_ratio : parameters.sample_aspect_ratio;
    if (ratio.num > 0 && ratio.den > 0) track_.sampleAspectRatio = {ratio.num, ratio.den};
    track_.color = {parameters.color_primaries, parameters.color_trc, parameters.color_space,
                    parameters.color_range == AVCOL_RANGE_JPEG};
}

void TrackReader::readAudio(const AVStream& stream) {
    const auto& parameters = *stream.codecpar;
    if (parameters.codec_tag != tag("mp4a")) throw std::runtime_error("its AAC is encrypted or not in mp4a form");
    track_.kind = TrackKind::Audio;
    track_.codec = AacConfiguration::parse(track_.decoderConfiguration).codec;
    track_.channels = parameters.ch_layout.nb_channels;
    track_.sampleRate = parameters.sample_rate;
    if (track_.channels < 1 || track_.sampleRate < 1) throw std::runtime_error("its audio parameters are broken");
}

void TrackReader::add(const AVPacket& packet, const SharedFile& file) {
    if (packet.flags & AV_PKT_FLAG_CORRUPT) throw std::runtime_error("it is truncated: a sample is cut short");
    if (packet.size == 0) return;
    const bool isVideo = track_.kind == TrackKind::Video;
    for (const auto kind : {AV_PKT_DATA_NEW_EXTRADATA, AV_PKT_DATA_ENCRYPTION_INIT_INFO, AV_PKT_DATA_ENCRYPTION_INFO})
        if (av_packet_get_side_data(&packet, kind, nullptr))
            throw std::runtime_error("it is encrypted, or changes its codec parameters midway; encode it anew");
    if (packet.pts == AV_NOPTS_VALUE || packet.dts == AV_NOPTS_VALUE || packet.pos < 0)
        throw std::runtime_error("a sample has no time or place; remux it");
    const auto limit = longestPresentationSeconds * track_.timescale;
    if (std::abs(packet.pts) > limit || std::abs(packet.dts) > limit ||
        std::abs(packet.pts - packet.dts) > std::numeric_limits<std::int32_t>::max())
        throw std::runtime_error("a sample's time is beyond 100 hours; its timestamps are broken");

    if (packet.flags & AV_PKT_FLAG_DISCARD || (!isVideo && packet.pts < 0)) {
        sawDiscarded_ = true;
        return;
    }
    if (isVideo && sawDiscarded_)
        throw std::runtime_error("its edit list cuts between key frames; encode it anew, or cut it at a key frame");

    const auto bytes = std::as_bytes(std::span(packet.data, static_cast<std::size_t>(packet.size)));
    const auto offset = static_cast<std::uint64_t>(packet.pos);
    check_.resize(bytes.size());
    if (offset > file.size() || bytes.size() > file.size() - offset)
        throw std::runtime_error("it is truncated: a sample lies beyond its end");
    file.read(offset, check_.data(), check_.size());
    if (!std::ranges::equal(bytes, check_)) throw std::runtime_error("its samples are not stored as they are");

    Sample sample;
    sample.offset = offset;
    sample.size = static_cast<std::uint32_t>(packet.size);
    sample.decodeTime = isVideo ? packet.dts : packet.pts;
    sample.isKey = true;
    if (isVideo) {
        sample.compositionOffset = static_cast<std::int32_t>(packet.pts - packet.dts);
        sample.isKey = inspectAccessUnit(bytes);
    } else if (bytes.size() > largestAdtsPayload) {
        throw std::runtime_error("an AAC frame is larger than the codec allows");
    }
    track_.samples.push_back(sample);
    lastDuration_ = packet.duration;
}

std::optional<Track> TrackReader::finish(const SharedFile& file) {
    // A reader that meets a missing sample may pass over it without a word.
    const int entries = avformat_index_get_entries_count(&stream_);
    for (int i = 0; i < entries; ++i) {
        const auto* entry = avformat_index_get_entry(const_cast<AVStream*>(&stream_), i);
        if (entry->pos < 0 ||
            static_cast<std::uint64_t>(entry->pos) + static_cast<std::uint64_t>(entry->size) > file.size())
            throw std::runtime_error("it is truncated: sample " + std::to_string(i) + " of track " +
                                     std::to_string(stream_.index) + " lies beyond its end");
    }
    if (track_.samples.empty()) return std::nullopt;
    fillDurations();
    if (track_.kind == TrackKind::Video) {
        if (!track_.samples.front().isKey) throw std::runtime_error("its video does not begin with an IDR picture");
        checkPresentation();
        track_.frameRate = measureFrameRate(track_);
    }
    track_.samples.shrink_to_fit();
    return std::move(track_);
}

void TrackReader::checkPresentation() const {
    std::int64_t latest = -1;
    std::int64_t keyTime = 0;
    for (std::size_t i = 0; i < track_.samples.size(); ++i) {
        const auto& sample = track_.samples[i];
        const auto time = sample.decodeTime + sample.compositionOffset;
        if (sample.isKey && time > latest) keyTime = time;
        if (time < keyTime || (sample.isKey && time <= latest))
            throw std::runtime_error(
                "its sample " + std::to_string(i) + " is shown " +
                (time < 0 ? "before the presentation begins" : "on the wrong side of a key frame") +
                "; encode it anew");
        latest = std::max(latest, time);
    }
}

void TrackReader::fillDurations() {
    auto& samples = track_.samples;
    const auto longest =
        std::min<std::int64_t>(longestSampleSeconds * track_.timescale, std::numeric_limits<std::uint32_t>::max());
    for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
        const auto duration = samples[i + 1].decodeTime - samples[i].decodeTime;
        if (duration <= 0 || duration > longest)
            throw std::runtime_error("its decode times go back or leap ahead at sample " + std::to_string(i + 1) +
                                     "; remux it");
        samples[i].duration = static_cast<std::uint32_t>(duration);
    }
    if (lastDuration_ <= 0 || lastDuration_ > longest)
        lastDuration_ = samples.size() > 1 ? samples[samples.size() - 2].duration : 1;
    samples.back().duration = static_cast<std::uint32_t>(lastDuration_);
}

}  // namespace playhouse::streaming
