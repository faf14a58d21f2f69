#include "DashManifest.h"

#include "Decimal.h"
#include "XmlWriter.h"

#include <algorithm>
#include <cmath>

namespace playhouse::streaming {
namespace {

constexpr auto roleScheme = "urn:mpeg:dash:role:2011";

void writeRole(XmlWriter& xml, const char* role) {
    xml.open("Role").with("schemeIdUri", roleScheme).with("value", role).close();
}

std::string frameRate(const Rational& rate) {
    auto text = std::to_string(rate.numerator);
    if (rate.denominator != 1) text += "/" + std::to_string(rate.denominator);
    return text;
}

bool haveOneTimeline(const std::vector<const PackagedTrack*>& tracks) {
    const auto& first = *tracks.front();
    return std::all_of(tracks.begin(), tracks.end(), [&](const PackagedTrack* track) {
        return track->track->timescale == first.track->timescale &&
               std::equal(track->segments.begin(), track->segments.end(), first.segments.begin(), first.segments.end(),
                          [](const Segment& left, const Segment& right) {
                              return left.start == right.start && left.duration == right.duration;
                          });
    });
}

/// Whether the segments of all tracks begin at the same times, whatever their timescales.
bool areAligned(const std::vector<const PackagedTrack*>& tracks) {
    const auto& first = *tracks.front();
    return std::all_of(tracks.begin(), tracks.end(), [&](const PackagedTrack* track) {
        return std::equal(track->segments.begin(), track->segments.end(), first.segments.begin(), first.segments.end(),
                          [&](const Segment& left, const Segment& right) {
                              return left.start * first.track->timescale == right.start * track->track->timescale;
                          });
    });
}

void writeSegmentTemplate(XmlWriter& xml, const Asset& asset, const PackagedTrack& track) {
    const auto prefix = "../../cmaf/" + asset.id + "/$RepresentationID$/";
    xml.open("SegmentTemplate")
        .with("timescale", static_cast<std::int64_t>(track.track->timescale))
        .with("initialization", prefix + "init.mp4?v=" + asset.version)
        .with("media", prefix + "segment-$Number$.m4s?v=" + asset.version)
        .with("startNumber", 0)
        .open("SegmentTimeline");
    const auto& segments = track.segments;
    for (std::size_t first = 0; first < segments.size();) {
        auto next = first + 1;
        while (next < segments.size() && segments[next].duration == segments[first].duration) ++next;
        xml.open("S");
        if (first == 0) xml.with("t", segments.front().start);
        xml.with("d", segments[first].duration);
        if (next - first > 1) xml.with("r", static_cast<std::int64_t>(next - first - 1));
        xml.close();
        first = next;
    }
    xml.close().close();
}

void writeVideo(XmlWriter& xml, const Asset& asset, const std::vector<const PackagedTrack*>& renditions) {
    const auto& tallest = *renditions.back();
    xml.open("AdaptationSet")
        .with("id", 1)
        .with("contentType", "video")
        .with("mimeType", "video/mp4")
        .with("segmentAlignment", areAligned(renditions) ? "true" : "false")
        .with("startWithSAP", 1)
        .with("par", aspectRatio(tallest.displayWidth(), tallest.track->height));
    writeRole(xml, "main");
    const bool isShared = haveOneTimeline(renditions);
    if (isShared) writeSegmentTemplate(xml, asset, tallest);
    for (const auto* rendition : renditions) {
        const auto& track = *rendition->track;
        xml.open("Representation")
            .with("id", rendition->name)
            .with("bandwidth", static_cast<std::int64_t>(rendition->commonMedia.bitRate.peak))
            .with("codecs", track.codec)
            .with("width", track.width)
            .with("height", track.height);
        if (track.frameRate.numerator > 0) xml.with("frameRate", frameRate(track.frameRate));
        const auto& shape = track.sampleAspectRatio;
        if (shape.numerator > 0 && shape.denominator > 0)
            xml.with("sar", std::to_string(shape.numerator) + ":" + std::to_string(shape.denominator));
        if (!isShared) writeSegmentTemplate(xml, asset, *rendition);
        xml.close();
    }
    xml.close();
}

void writeAudio(XmlWriter& xml, const Asset& asset, const PackagedTrack& audio, std::int64_t id, bool isMain) {
    const auto& track = *audio.track;
    xml.open("AdaptationSet")
        .with("id", id)
        .with("contentType", "audio")
        .with("mimeType", "audio/mp4")
        .with("lang", track.language)
        .with("segmentAlignment", "true")
        .with("startWithSAP", 1);
    xml.open("Label").text(audio.label).close();
    writeRole(xml, isMain ? "main" : "alternate");
    writeSegmentTemplate(xml, asset, audio);
    xml.open("Representation")
        .with("id", audio.name)
        .with("bandwidth", static_cast<std::int64_t>(audio.commonMedia.bitRate.peak))
        .with("codecs", track.codec)
        .with("audioSamplingRate", track.sampleRate);
    // ISO/IEC 23091-3: up to six channels the index of the usual layout is their number; 7.1 has index 12.
    const int layout = track.channels == 8 ? 12 : track.channels;
    if (layout >= 1 && (layout <= 6 || layout == 12))
        xml.open("AudioChannelConfiguration")
            .with("schemeIdUri", "urn:mpeg:mpegB:cicp:ChannelConfiguration")
            .with("value", layout)
            .close();
    xml.close().close();
}

void writeSubtitles(XmlWriter& xml, const Asset& asset, const SubtitleTrack& track, std::int64_t id) {
    const auto bitsPerSecond = static_cast<std::int64_t>(
        std::ceil(static_cast<double>(track.file.size()) * 8e6 / static_cast<double>(asset.durationMicroseconds)));
    xml.open("AdaptationSet")
        .with("id", id)
        .with("contentType", "text")
        .with("mimeType", "text/vtt")
        .with("lang", track.language);
    xml.open("Label").text(track.label).close();
    writeRole(xml, "subtitle");
    xml.open("Representation").with("id", track.name()).with("bandwidth", std::max<std::int64_t>(bitsPerSecond, 1));
    xml.open("BaseURL").text("../../subtitles/" + asset.id + "/" + track.language + ".vtt").close();
    xml.close().close();
}

void writeThumbnails(XmlWriter& xml, const Asset& asset, const Thumbnails& thumbnails, std::int64_t id) {
    xml.open("AdaptationSet").with("id", id).with("contentType", "image").with("mimeType", "image/jpeg");
    xml.open("SegmentTemplate")
        .with("media", "../../thumbnails/" + asset.id + "/sprite-$Number$.jpg")
        .with("timescale", 1'000'000)
        .with("duration", thumbnails.spriteMicroseconds())
        .with("startNumber", 0)
        .close();
    xml.open("Representation")
        .with("id", "thumbnails")
        .with("bandwidth", static_cast<std::int64_t>(thumbnails.peakBitRate))
        .with("width", std::int64_t{thumbnails.width} * thumbnails.columns)
        .with("height", std::int64_t{thumbnails.height} * thumbnails.rows);
    xml.open("EssentialProperty")
        .with("schemeIdUri", "http://dashif.org/guidelines/thumbnail_tile")
        .with("value", std::to_string(thumbnails.columns) + "x" + std::to_string(thumbnails.rows))
        .close();
    xml.close().close();
}

/// The longest segment that the manifest speaks of.
std::int64_t longestSegment(const Selection& selection) {
    std::int64_t longest = 0;
    const auto measure = [&](const PackagedTrack& track) {
        for (const auto& segment : track.segments)
            longest = std::max(longest, microseconds(segment.duration, track.track->timescale));
    };
    for (const auto* rendition : selection.renditions) measure(*rendition);
    for (const auto* audio : selection.audio) measure(*audio);
    return longest;
}

}  // namespace

std::string dashManifest(const Asset& asset, const Selection& selection) {
    const auto longest = longestSegment(selection);
    XmlWriter xml;
    xml.open("MPD")
        .with("xmlns", "urn:mpeg:dash:schema:mpd:2011")
        .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        .with("xsi:schemaLocation", "urn:mpeg:dash:schema:mpd:2011 DASH-MPD.xsd")
        .with("type", "static")
        .with("profiles", "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019")
        .with("minBufferTime", xmlDuration(longest))
        .with("mediaPresentationDuration", xmlDuration(asset.durationMicroseconds))
        .with("maxSegmentDuration", xmlDuration(longest));
    xml.open("ProgramInformation").open("Title").text(asset.title).close().close();
    xml.open("Period").with("id", "0").with("start", "PT0S");
    writeVideo(xml, asset, selection.renditions);
    std::int64_t id = 2;
    for (const auto* audio : selection.audio) writeAudio(xml, asset, *audio, id++, audio == selection.audio.front());
    for (const auto& track : asset.subtitles) writeSubtitles(xml, asset, track, id++);
    if (asset.thumbnails) writeThumbnails(xml, asset, *asset.thumbnails, id);
    xml.close().close();
    return std::move(xml).finish();
}

}  // namespace playhouse::streaming
