#include "RenditionFilter.h"

#include <playhouse/ApiError.h>
#include <playhouse/Settings.h>

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace playhouse::streaming {
namespace {

std::vector<const PackagedTrack*> pointersTo(const std::vector<PackagedTrack>& tracks) {
    std::vector<const PackagedTrack*> pointers;
    pointers.reserve(tracks.size());
    for (const auto& track : tracks) pointers.push_back(&track);
    return pointers;
}

bool isCodecText(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
               (letter >= 'A' && letter <= 'Z') || letter == '.' || letter == '-';
    });
}

bool isAudioCodec(std::string_view codec) {
    constexpr std::array<std::string_view, 6> audioCodecs{"mp4a", "ac-3", "ec-3", "opus", "flac", "Opus"};
    return std::find(audioCodecs.begin(), audioCodecs.end(), codec.substr(0, codec.find('.'))) != audioCodecs.end();
}

/// A list in the query, with commas between; absent when it is not given.
std::vector<std::string> queryList(const Request& request, const std::string& name, const char* example,
                                   bool (*isValid)(std::string_view)) {
    const auto text = request.query(name);
    if (!text) return {};
    auto items = parseList(*text);
    if (items.empty() || !std::all_of(items.begin(), items.end(), isValid))
        throw ApiError::invalidParameter(
            name, "The query parameter \"" + name + "\" is to be a list such as \"" + example + "\".");
    return items;
}

bool isWanted(const PackagedTrack& track, const std::vector<std::string>& codecs) {
    const bool isAudio = track.track->kind == TrackKind::Audio;
    const std::string_view codec = track.track->codec;
    bool isAsked = false;
    for (const auto& wanted : codecs) {
        if (isAudioCodec(wanted) != isAudio) continue;
        isAsked = true;
        if (codec == wanted ||
            (codec.size() > wanted.size() && codec.substr(0, wanted.size()) == wanted && codec[wanted.size()] == '.'))
            return true;
    }
    return !isAsked;
}

ApiError nothingLeft(const Asset& asset, const std::string& what) {
    boost::json::array renditions;
    for (const auto& rendition : asset.renditions) renditions.emplace_back(rendition.name);
    boost::json::array audio;
    for (const auto& track : asset.audio) audio.emplace_back(track.track->language);
    return {404,
            "NO_MATCHING_RENDITION",
            "The filters leave no " + what + " of the video \"" + asset.id + "\".",
            {{"renditions", std::move(renditions)}, {"audio", std::move(audio)}}};
}

}  // namespace

BitRate variantBitRate(const PackagedTrack& rendition, const std::vector<const PackagedTrack*>& audio,
                       Container container) {
    BitRate loudest;
    for (const auto* track : audio) {
        loudest.peak = std::max(loudest.peak, track->in(container).bitRate.peak);
        loudest.average = std::max(loudest.average, track->in(container).bitRate.average);
    }
    const auto& video = rendition.in(container).bitRate;
    return {video.peak + loudest.peak, video.average + loudest.average};
}

RenditionFilter RenditionFilter::from(const Request& request) {
    constexpr long long tallest = 100'000;
    constexpr long long fastest = 1'000'000'000'000;
    RenditionFilter filter;
    filter.maxHeight = request.queryInteger("maxHeight", 1, tallest);
    filter.minHeight = request.queryInteger("minHeight", 1, tallest);
    filter.maxBitrate = request.queryInteger("maxBitrate", 1, fastest);
    filter.codecs = queryList(request, "codecs", "avc1,mp4a.40.2", isCodecText);
    filter.languages = queryList(request, "audio", "en,es", [](std::string_view text) { return isCodecText(text); });
    if (filter.maxHeight && filter.minHeight && *filter.minHeight > *filter.maxHeight)
        throw ApiError::invalidParameter("minHeight",
                                         "\"minHeight\" is above \"maxHeight\": no rendition can be both.");
    return filter;
}

Selection RenditionFilter::apply(const Asset& asset, Container container) const {
    Selection selection;
    for (const auto& track : asset.audio) {
        const auto& language = track.track->language;
        if (!languages.empty() && std::find(languages.begin(), languages.end(), language) == languages.end()) continue;
        if (isWanted(track, codecs)) selection.audio.push_back(&track);
    }
    if (selection.audio.empty() && !asset.audio.empty()) throw nothingLeft(asset, "audio");
    for (const auto& rendition : asset.renditions) {
        if (maxHeight && rendition.track->height > *maxHeight) continue;
        if (minHeight && rendition.track->height < *minHeight) continue;
        const auto peak = variantBitRate(rendition, selection.audio, container).peak;
        if (maxBitrate && peak > static_cast<std::uint64_t>(*maxBitrate)) continue;
        if (isWanted(rendition, codecs)) selection.renditions.push_back(&rendition);
    }
    if (selection.renditions.empty()) throw nothingLeft(asset, "rendition");
    return selection;
}

Selection everything(const Asset& asset) {
    return {pointersTo(asset.renditions), pointersTo(asset.audio)};
}

Container containerOf(const Request& request) {
    if (request.queryString().empty()) return Container::TransportStream;
    const auto text = request.query("container");
    if (!text || *text == "ts") return Container::TransportStream;
    if (*text == "fmp4") return Container::CommonMedia;
    throw ApiError::invalidParameter("container", "The query parameter \"container\" is to be \"ts\" or \"fmp4\".");
}

}  // namespace playhouse::streaming
