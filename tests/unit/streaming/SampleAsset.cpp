#include "SampleAsset.h"

#include "LanguageName.h"

#include <utility>

namespace playhouse::streaming {
namespace {

PackagedTrack packaged(std::string name, std::string label, Track track, std::vector<Segment> segments,
                       BitRate bitRate) {
    PackagingFacts facts{.bitRate = bitRate, .keyFrames = {}, .keyFrameBitRate = {}};
    if (track.kind == TrackKind::Video) {
        for (std::size_t index = 0; index < segments.size(); ++index)
            facts.keyFrames.push_back({segments[index].start, segments[index].duration, index, 376, 1880});
        facts.keyFrameBitRate = {7520, 4512};
    }
    return {.serial = 1,
            .name = std::move(name),
            .label = std::move(label),
            .file = SharedFile("/proc/self/exe"),
            .track = std::make_shared<const Track>(std::move(track)),
            .segments = std::move(segments),
            .transportStreamPackager = nullptr,
            .commonMediaPackager = nullptr,
            .transportStream = facts,
            .commonMedia = facts};
}

PackagedTrack rendition(const std::string& name, int width, int height, const std::string& codec, BitRate bitRate) {
    Track track;
    track.kind = TrackKind::Video;
    track.codec = codec;
    track.timescale = 15360;
    track.width = width;
    track.height = height;
    track.frameRate = {30, 1};
    return packaged(name, name, std::move(track),
                    {{0, 120, 0, 61440}, {120, 120, 61440, 61440}, {240, 60, 122880, 30720}}, bitRate);
}

PackagedTrack audio(const std::string& language) {
    Track track;
    track.kind = TrackKind::Audio;
    track.codec = "mp4a.40.2";
    track.language = language;
    track.timescale = 48000;
    track.channels = 2;
    track.sampleRate = 48000;
    return packaged("audio-" + language, languageName(language), std::move(track),
                    {{0, 188, 0, 192512}, {188, 187, 192512, 191488}, {375, 94, 384000, 96256}}, {130000, 128000});
}

}  // namespace

Asset sampleAsset() {
    Asset asset;
    asset.id = "demo";
    asset.title = "Bars & <tone>";
    asset.durationMicroseconds = 10'000'000;
    asset.segmentMicroseconds = 4'000'000;
    asset.targetDurationSeconds = 4;
    asset.version = "abc";
    asset.renditions.push_back(rendition("360p", 640, 360, "avc1.64001e", {800000, 700000}));
    asset.renditions.push_back(rendition("1080p", 1920, 1080, "avc1.640028", {5000000, 4500000}));
    asset.audio.push_back(audio("en"));
    asset.audio.push_back(audio("es"));
    SubtitleTrack subtitles;
    subtitles.language = "en";
    subtitles.label = "English";
    subtitles.file = SharedBuffer("WEBVTT\n\n00:03.000 --> 00:05.000\nHello\n");
    subtitles.cues = WebVtt(subtitles.file.text());
    subtitles.version = "def";
    asset.subtitles.push_back(std::move(subtitles));
    Thumbnails thumbnails;
    thumbnails.width = 160;
    thumbnails.height = 90;
    thumbnails.columns = 2;
    thumbnails.rows = 2;
    thumbnails.intervalMicroseconds = 2'000'000;
    thumbnails.count = 5;
    thumbnails.sprites = {"sprite-0.jpg", "sprite-1.jpg"};
    thumbnails.peakBitRate = 12000;
    asset.thumbnails = std::move(thumbnails);
    return asset;
}

}  // namespace playhouse::streaming
