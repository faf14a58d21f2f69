#include "InitializationSegment.h"

#include "ByteWriter.h"
#include "Language.h"

#include <algorithm>
#include <limits>

namespace playhouse::streaming {
namespace {

void writeMatrix(ByteWriter& out) {
    for (const std::uint32_t value : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u}) out.u32(value);
}

void writeMovieHeader(ByteWriter& out, const Track& track) {
    BoxScope box(out, "mvhd", 0, 0);
    out.zeros(8);  // creation and modification time
    out.u32(track.timescale);
    out.u32(0);  // duration: in the fragments
    out.u32(0x10000);
    out.u16(0x100);
    out.zeros(10);
    writeMatrix(out);
    out.zeros(24);
    out.u32(trackId + 1);
}

void writeTrackHeader(ByteWriter& out, const Track& track) {
    constexpr std::uint32_t enabledInMovieAndPreview = 7;
    BoxScope box(out, "tkhd", 0, enabledInMovieAndPreview);
    out.zeros(8);
    out.u32(trackId);
    out.zeros(16);  // reserved, duration, reserved, layer, alternate group
    const bool isVideo = track.kind == TrackKind::Video;
    out.zeros(4);
    out.u16(isVideo ? 0 : 0x100);  // volume
    out.u16(0);
    writeMatrix(out);
    // As shown, with square pixels, in 16.16.
    const auto& ratio = track.sampleAspectRatio;
    out.u32(static_cast<std::uint32_t>((std::int64_t{track.width} << 16) * ratio.numerator / ratio.denominator));
    out.u32(static_cast<std::uint32_t>(track.height) << 16);
}

void writeMediaHeader(ByteWriter& out, const Track& track) {
    BoxScope box(out, "mdhd", 0, 0);
    out.zeros(8);
    out.u32(track.timescale);
    out.u32(0);
    std::uint32_t packed = 0;
    for (const char letter : languageCode(track.language))
        packed = packed << 5 | static_cast<std::uint32_t>(letter - 0x60);
    out.u16(packed);
    out.u16(0);
}

void writeHandler(ByteWriter& out, const Track& track) {
    const bool isVideo = track.kind == TrackKind::Video;
    BoxScope box(out, "hdlr", 0, 0);
    out.u32(0);
    out.text(isVideo ? "vide" : "soun");
    out.zeros(12);
    out.text(isVideo ? "Video" : "Audio");
    out.u8(0);
}

void writeVideoEntry(ByteWriter& out, const Track& track) {
    BoxScope entry(out, "avc1");
    out.zeros(6);
    out.u16(1);  // of the data references
    out.zeros(16);
    out.u16(static_cast<std::uint32_t>(track.width));
    out.u16(static_cast<std::uint32_t>(track.height));
    out.u32(0x480000);  // 72 dots an inch
    out.u32(0x480000);
    out.u32(0);
    out.u16(1);  // picture in a sample
    out.zeros(32);
    out.u16(24);  // bits a pixel
    out.u16(0xffff);
    {
        BoxScope configuration(out, "avcC");
        out.bytes(track.decoderConfiguration);
    }
    {
        BoxScope pixel(out, "pasp");
        out.u32(static_cast<std::uint32_t>(track.sampleAspectRatio.numerator));
        out.u32(static_cast<std::uint32_t>(track.sampleAspectRatio.denominator));
    }
    constexpr int unspecified = 2;
    const auto& color = track.color;
    if (color.primaries == unspecified && color.transfer == unspecified && color.matrix == unspecified) return;
    BoxScope box(out, "colr");
    out.text("nclx");
    out.u16(static_cast<std::uint32_t>(color.primaries));
    out.u16(static_cast<std::uint32_t>(color.transfer));
    out.u16(static_cast<std::uint32_t>(color.matrix));
    out.u8(color.isFullRange ? 0x80 : 0);
}

/// Bits a second: the average over the track, and the highest over any whole second of it.
struct BitRate {
    std::uint32_t average = 0;
    std::uint32_t highest = 0;
};

BitRate measureBitRate(const Track& track) {
    std::uint64_t bytes = 0;
    std::uint64_t ticks = 0;
    std::uint64_t window = 0;
    std::uint64_t windowTicks = 0;
    std::uint64_t highest = 0;
    for (const auto& sample : track.samples) {
        bytes += sample.size;
        ticks += sample.duration;
        window += sample.size;
        windowTicks += sample.duration;
        if (windowTicks < track.timescale) continue;
        highest = std::max(highest, window);
        window = windowTicks = 0;
    }
    constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
    const auto average = static_cast<std::uint64_t>(static_cast<double>(bytes) * 8 * track.timescale /
                                                    static_cast<double>(std::max<std::uint64_t>(ticks, 1)));
    return {static_cast<std::uint32_t>(std::min(average, limit)),
            static_cast<std::uint32_t>(std::min(std::max(highest * 8, average), limit))};
}

/// An ES_Descriptor (ISO/IEC 14496-1 section 7.2.6.5) of AAC.
void writeElementaryStream(ByteWriter& out, const Track& track) {
    const auto size = static_cast<std::uint32_t>(track.decoderConfiguration.size());
    // Lengths always in four bytes, so that none depends on another's size.
    const auto descriptor = [&out](std::uint32_t tag, std::uint32_t length) {
        out.u8(tag);
        for (int shift = 21; shift > 0; shift -= 7) out.u8((length >> shift & 0x7f) | 0x80);
        out.u8(length & 0x7f);
    };
    constexpr std::uint32_t header = 5;
    const auto configurationSize = 13 + header + size;
    const auto rate = measureBitRate(track);
    BoxScope box(out, "esds", 0, 0);
    descriptor(3, 3 + header + configurationSize + header + 1);
    out.u16(0);  // id, as files have it
    out.u8(0);
    descriptor(4, configurationSize);
    out.u8(0x40);  // MPEG-4 audio
    out.u8(0x15);  // an audio stream
    out.u24(0);
    out.u32(rate.highest);
    out.u32(rate.average);
    descriptor(5, size);
    out.bytes(track.decoderConfiguration);
    descriptor(6, 1);
    out.u8(2);  // as in MP4 files
}

void writeAudioEntry(ByteWriter& out, const Track& track) {
    BoxScope entry(out, "mp4a");
    out.zeros(6);
    out.u16(1);
    out.zeros(8);
    out.u16(static_cast<std::uint32_t>(track.channels));
    out.u16(16);  // bits a sample, always
    out.zeros(4);
    out.u32(track.sampleRate <= 0xffff ? static_cast<std::uint32_t>(track.sampleRate) << 16 : 0);
    writeElementaryStream(out, track);
}

void writeSampleTable(ByteWriter& out, const Track& track) {
    BoxScope table(out, "stbl");
    {
        BoxScope descriptions(out, "stsd", 0, 0);
        out.u32(1);
        track.kind == TrackKind::Video ? writeVideoEntry(out, track) : writeAudioEntry(out, track);
    }
    for (const auto* type : {"stts", "stsc", "stsz", "stco"}) {
        BoxScope empty(out, type, 0, 0);
        out.zeros(type == std::string_view("stsz") ? 8 : 4);
    }
}

void writeMediaInformation(ByteWriter& out, const Track& track) {
    BoxScope information(out, "minf");
    if (track.kind == TrackKind::Video) {
        BoxScope header(out, "vmhd", 0, 1);
        out.zeros(8);
    } else {
        BoxScope header(out, "smhd", 0, 0);
        out.zeros(4);
    }
    {
        BoxScope data(out, "dinf");
        BoxScope references(out, "dref", 0, 0);
        out.u32(1);
        BoxScope sameFile(out, "url ", 0, 1);
    }
    writeSampleTable(out, track);
}

void writeMovie(ByteWriter& out, const Track& track) {
    BoxScope movie(out, "moov");
    writeMovieHeader(out, track);
    {
        BoxScope box(out, "trak");
        writeTrackHeader(out, track);
        BoxScope media(out, "mdia");
        writeMediaHeader(out, track);
        writeHandler(out, track);
        writeMediaInformation(out, track);
    }
    BoxScope extends(out, "mvex");
    BoxScope defaults(out, "trex", 0, 0);
    out.u32(trackId);
    out.u32(1);  // of the sample descriptions
    out.zeros(12);
}

}  // namespace

std::string writeInitialization(const Track& track) {
    ByteWriter out(1024);
    {
        BoxScope type(out, "ftyp");
        out.text("cmfc");
        out.u32(0);
        out.text("cmfccmf2iso6mp41");
    }
    writeMovie(out, track);
    return out.take();
}

}  // namespace playhouse::streaming
