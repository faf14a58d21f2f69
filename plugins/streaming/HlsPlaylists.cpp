#include "HlsPlaylists.h"

#include "Decimal.h"

#include <algorithm>
#include <set>

namespace playhouse::streaming {
namespace {

constexpr std::int64_t second = 1'000'000;

std::int64_t roundedSeconds(std::int64_t microseconds) {
    return (microseconds + second / 2) / second;
}

std::string attribute(const char* name, const std::string& text) {
    return "," + std::string(name) + "=\"" + text + "\"";
}

std::string attribute(const char* name, std::uint64_t number) {
    return "," + std::string(name) + "=" + std::to_string(number);
}

const char* queryFor(Container container) {
    return container == Container::CommonMedia ? "?container=fmp4" : "";
}

/// The head of a media playlist that is whole from the start.
std::string head(int version, std::int64_t targetSeconds, const char* kind) {
    return "#EXTM3U\n#EXT-X-VERSION:" + std::to_string(version) +
           "\n#EXT-X-TARGETDURATION:" + std::to_string(std::max<std::int64_t>(targetSeconds, 1)) +
           "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n" + kind;
}

std::string duration(std::int64_t microseconds) {
    return "#EXTINF:" + decimal(microseconds, second, 6) + ",\n";
}

/// From one time to another, both rounded alone: so the rounding of many segments never adds up.
std::int64_t spanMicroseconds(std::int64_t start, std::int64_t ticks, std::uint32_t timescale) {
    return microseconds(start + ticks, timescale) - microseconds(start, timescale);
}

std::string segmentUri(const Asset& asset, const PackagedTrack& track, Container container, std::size_t number) {
    if (container == Container::TransportStream)
        return "segment-" + std::to_string(number) + ".ts?v=" + asset.version + "\n";
    return "../../../cmaf/" + asset.id + "/" + track.name + "/segment-" + std::to_string(number) +
           ".m4s?v=" + asset.version + "\n";
}

std::string map(const Asset& asset, const PackagedTrack& track, Container container) {
    if (container == Container::TransportStream) return "";
    return "#EXT-X-MAP:URI=\"../../../cmaf/" + asset.id + "/" + track.name + "/init.mp4?v=" + asset.version + "\"\n";
}

std::string codecsOf(const PackagedTrack& rendition, const Selection& selection) {
    std::string codecs = rendition.track->codec;
    std::set<std::string> audioCodecs;
    for (const auto* track : selection.audio) audioCodecs.insert(track->track->codec);
    for (const auto& codec : audioCodecs) codecs += "," + codec;
    return codecs;
}

std::string resolution(int width, int height) {
    return ",RESOLUTION=" + std::to_string(width) + "x" + std::to_string(height);
}

std::string audioGroup(const Selection& selection, Container container) {
    std::string text;
    for (const auto* track : selection.audio) {
        text += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\"" + attribute("NAME", track->label);
        if (track->track->language != "und") text += attribute("LANGUAGE", track->track->language);
        text += track == selection.audio.front() ? ",DEFAULT=YES" : ",DEFAULT=NO";
        text += ",AUTOSELECT=YES" + attribute("CHANNELS", std::to_string(track->track->channels)) +
                attribute("URI", track->name + "/playlist.m3u8" + queryFor(container)) + "\n";
    }
    return text;
}

std::string subtitleGroup(const Asset& asset, Container container) {
    std::string text;
    for (const auto& track : asset.subtitles)
        text += "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\"" + attribute("NAME", track.label) +
                attribute("LANGUAGE", track.language) + ",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO" +
                attribute("URI", track.name() + "/playlist.m3u8" + queryFor(container)) + "\n";
    return text;
}

std::string variant(const Asset& asset, const PackagedTrack& rendition, const Selection& selection,
                    Container container) {
    const auto bitRate = variantBitRate(rendition, selection.audio, container);
    const auto& rate = rendition.track->frameRate;
    std::string text = "#EXT-X-STREAM-INF:BANDWIDTH=" + std::to_string(bitRate.peak) +
                       attribute("AVERAGE-BANDWIDTH", bitRate.average) +
                       attribute("CODECS", codecsOf(rendition, selection)) +
                       resolution(rendition.displayWidth(), rendition.track->height);
    if (rate.numerator > 0) text += ",FRAME-RATE=" + decimal(rate.numerator, rate.denominator, 3);
    if (!selection.audio.empty()) text += attribute("AUDIO", std::string("audio"));
    if (!asset.subtitles.empty()) text += attribute("SUBTITLES", std::string("subtitles"));
    return text + "\n" + rendition.name + "/playlist.m3u8" + queryFor(container) + "\n";
}

std::string keyFrameVariant(const PackagedTrack& rendition, Container container) {
    const auto& bitRate = rendition.in(container).keyFrameBitRate;
    return "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=" + std::to_string(bitRate.peak) +
           attribute("AVERAGE-BANDWIDTH", bitRate.average) + attribute("CODECS", rendition.track->codec) +
           resolution(rendition.displayWidth(), rendition.track->height) +
           attribute("URI", rendition.name + "/iframes.m3u8" + queryFor(container)) + "\n";
}

}  // namespace

std::string masterPlaylist(const Asset& asset, Container container, const Selection& selection) {
    std::string text = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    text += audioGroup(selection, container);
    text += subtitleGroup(asset, container);

    auto renditions = selection.renditions;
    std::stable_sort(renditions.begin(), renditions.end(), [&](const auto* left, const auto* right) {
        return left->in(container).bitRate.peak < right->in(container).bitRate.peak;
    });
    for (const auto* rendition : renditions) text += variant(asset, *rendition, selection, container);
    for (const auto* rendition : renditions) text += keyFrameVariant(*rendition, container);
    if (asset.thumbnails)
        text += "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=" + std::to_string(asset.thumbnails->peakBitRate) +
                resolution(asset.thumbnails->width, asset.thumbnails->height) +
                attribute("CODECS", std::string("jpeg")) + attribute("URI", std::string("thumbnails/playlist.m3u8")) +
                "\n";
    return text;
}

std::string mediaPlaylist(const Asset& asset, const PackagedTrack& track, Container container) {
    const int version = container == Container::CommonMedia ? 6 : 3;
    auto text =
        head(version, asset.targetDurationSeconds, "#EXT-X-INDEPENDENT-SEGMENTS\n") + map(asset, track, container);
    for (std::size_t number = 0; number < track.segments.size(); ++number) {
        const auto& segment = track.segments[number];
        text += duration(spanMicroseconds(segment.start, segment.duration, track.track->timescale));
        text += segmentUri(asset, track, container, number);
    }
    return text + "#EXT-X-ENDLIST\n";
}

std::string keyFramePlaylist(const Asset& asset, const PackagedTrack& rendition, Container container) {
    const auto& keyFrames = rendition.in(container).keyFrames;
    const auto timescale = rendition.track->timescale;
    std::int64_t longest = 0;
    std::string entries;
    for (const auto& keyFrame : keyFrames) {
        const auto span = spanMicroseconds(keyFrame.start, keyFrame.duration, timescale);
        longest = std::max(longest, roundedSeconds(span));
        entries += duration(span) + "#EXT-X-BYTERANGE:" + std::to_string(keyFrame.size) + "@" +
                   std::to_string(keyFrame.offset) + "\n" + segmentUri(asset, rendition, container, keyFrame.segment);
    }
    const int version = container == Container::CommonMedia ? 6 : 4;
    return head(version, longest, "#EXT-X-I-FRAMES-ONLY\n") + map(asset, rendition, container) + entries +
           "#EXT-X-ENDLIST\n";
}

std::string subtitlePlaylist(const Asset& asset, const SubtitleTrack& track, Container container) {
    auto text = head(3, asset.targetDurationSeconds, "");
    const auto count = subtitleSegmentCount(asset);
    for (std::size_t number = 0; number < count; ++number) {
        const auto start = static_cast<std::int64_t>(number) * asset.segmentMicroseconds;
        text += duration(std::min(asset.segmentMicroseconds, asset.durationMicroseconds - start));
        text += "segment-" + std::to_string(number) + ".vtt?v=" + track.version;
        text += container == Container::CommonMedia ? "&container=fmp4\n" : "\n";
    }
    return text + "#EXT-X-ENDLIST\n";
}

std::string imagePlaylist(const Asset& asset) {
    const auto& thumbnails = *asset.thumbnails;
    const auto spriteSpan = thumbnails.spriteMicroseconds();
    const auto layout = std::to_string(thumbnails.columns) + "x" + std::to_string(thumbnails.rows);
    std::int64_t longest = 0;
    std::string entries;
    for (std::size_t number = 0; number < thumbnails.sprites.size(); ++number) {
        const auto start = static_cast<std::int64_t>(number) * spriteSpan;
        if (start >= asset.durationMicroseconds) break;
        const auto span = std::min(spriteSpan, asset.durationMicroseconds - start);
        longest = std::max(longest, roundedSeconds(span));
        entries += duration(span) + "#EXT-X-TILES:RESOLUTION=" + std::to_string(thumbnails.width) + "x" +
                   std::to_string(thumbnails.height) + ",LAYOUT=" + layout +
                   ",DURATION=" + decimal(thumbnails.intervalMicroseconds, second, 6) + "\n../../../thumbnails/" +
                   asset.id + "/sprite-" + std::to_string(number) + ".jpg\n";
    }
    return head(7, longest, "#EXT-X-IMAGES-ONLY\n") + entries + "#EXT-X-ENDLIST\n";
}

}  // namespace playhouse::streaming
