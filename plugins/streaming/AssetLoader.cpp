#include "AssetLoader.h"

#include "Decimal.h"
#include "LanguageName.h"
#include "TextFile.h"
#include "media/MediaIndex.h"
#include "media/Segmentation.h"

#include <boost/json/parse.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace playhouse::streaming {
namespace {

namespace fs = std::filesystem;

/// Part of every version: to be counted up when the packagers write other bytes than before.
constexpr auto packagingVersion = "packaging 2";

struct NamedFile {
    std::string name;  ///< without prefix and extension
    fs::path path;
};

/// The files called `prefix`<name>`extension`, by name.
std::vector<NamedFile> filesOf(const fs::path& folder, std::string_view prefix, std::string_view extension) {
    std::vector<NamedFile> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const auto name = entry.path().filename().string();
        if (name.front() == '.' || name.size() <= prefix.size() + extension.size() || !name.starts_with(prefix) ||
            !name.ends_with(extension))
            continue;
        files.push_back({name.substr(prefix.size(), name.size() - prefix.size() - extension.size()), entry.path()});
    }
    std::sort(files.begin(), files.end(), [](const auto& left, const auto& right) { return left.name < right.name; });
    return files;
}

std::optional<Track> takeTrack(std::vector<Track>& tracks, TrackKind kind) {
    const auto found =
        std::find_if(tracks.begin(), tracks.end(), [&](const Track& track) { return track.kind == kind; });
    if (found == tracks.end()) return std::nullopt;
    return std::move(*found);
}

std::vector<SegmentMeasure> measures(const PackagedTrack& track, const auto& packager) {
    std::vector<SegmentMeasure> result;
    result.reserve(track.segments.size());
    for (std::size_t index = 0; index < track.segments.size(); ++index)
        result.push_back(
            {packager.segmentSize(index), microseconds(track.segments[index].duration, track.track->timescale)});
    return result;
}

PackagingFacts factsOf(const PackagedTrack& track, const auto& packager) {
    PackagingFacts facts;
    facts.bitRate = measureBitRate(measures(track, packager));
    if (track.track->kind == TrackKind::Video) {
        facts.keyFrames = packager.keyFrames();
        std::vector<SegmentMeasure> keyFrames;
        for (const auto& keyFrame : facts.keyFrames)
            keyFrames.push_back({keyFrame.size, microseconds(keyFrame.duration, track.track->timescale)});
        facts.keyFrameBitRate = measureBitRate(keyFrames);
    }
    return facts;
}

void loadSubtitles(Asset& asset, const fs::path& folder, std::vector<std::string>& problems) {
    for (const auto& [language, path] : filesOf(folder, "subtitles-", ".vtt")) {
        try {
            if (!isLanguageTag(language))
                throw WebVttError("\"" + language + "\" is no language; name the file subtitles-en.vtt, for example");
            SubtitleTrack track;
            track.language = language;
            track.label = languageName(language);
            track.file = SharedBuffer(readTextFile(path));
            track.cues = WebVtt(track.file.text());
            track.version = shortDigest(track.file.text());
            asset.subtitles.push_back(std::move(track));
        } catch (const std::exception& problem) {
            problems.push_back(path.filename().string() + " is left out: " + problem.what());
        }
    }
}

void loadDescription(Asset& asset, const fs::path& folder, std::vector<std::string>& problems) {
    const auto path = folder / "video.json";
    asset.title = asset.id;
    if (!fs::exists(path)) return;
    try {
        const auto document = boost::json::parse(readTextFile(path));
        const auto& object = document.as_object();
        if (const auto* title = object.if_contains("title")) asset.title = title->as_string().c_str();
        if (const auto* description = object.if_contains("description"))
            asset.description = description->as_string().c_str();
    } catch (const std::exception&) {
        problems.push_back(
            "video.json is left out: it is to be a JSON object with texts for \"title\" and \"description\"");
    }
}

void loadPictures(Asset& asset, const fs::path& folder, std::vector<std::string>& problems) {
    if (fs::is_regular_file(folder / "poster.jpg")) asset.poster = folder / "poster.jpg";
    if (!fs::exists(folder / "thumbnails" / "thumbnails.json")) return;
    try {
        asset.thumbnails = readThumbnails(folder / "thumbnails");
    } catch (const std::exception& problem) {
        problems.push_back(std::string("the thumbnails are left out: ") + problem.what());
    }
}

/// What all tracks have in common, once they are known.
void measure(Asset& asset, std::chrono::milliseconds segmentDuration) {
    std::string files = packagingVersion + std::to_string(segmentDuration.count());
    const auto include = [&](const PackagedTrack& track) {
        files += track.name + track.file.fingerprint();
        for (const auto& segment : track.segments) {
            const auto seconds = (microseconds(segment.duration, track.track->timescale) + 500'000) / 1'000'000;
            asset.targetDurationSeconds = std::max(asset.targetDurationSeconds, seconds);
        }
    };
    for (const auto& rendition : asset.renditions) {
        include(rendition);
        asset.durationMicroseconds = std::max(asset.durationMicroseconds, rendition.durationMicroseconds());
    }
    for (const auto& audio : asset.audio) include(audio);
    asset.segmentMicroseconds = std::chrono::microseconds(segmentDuration).count();
    asset.version = shortDigest(files);
}

}  // namespace

AssetLoader::AssetLoader(fs::path indexDirectory, std::chrono::milliseconds segmentDuration)
    : indexDirectory_(std::move(indexDirectory)), segmentDuration_(segmentDuration) {}

LoadedAsset AssetLoader::load(const fs::path& folder) const {
    LoadedAsset loaded;
    loaded.asset.id = folder.filename().string();
    if (!isPlainName(loaded.asset.id))
        throw AssetError("the folder's name is to be of letters, digits, \"-\", \"_\" and \".\" alone; rename it");
    try {
        fs::create_directories(indexDirectory_ / loaded.asset.id);
        loadRenditions(loaded.asset, folder);
        loadAlternateAudio(loaded.asset, folder);
        loadSubtitles(loaded.asset, folder, loaded.problems);
        loadDescription(loaded.asset, folder, loaded.problems);
        loadPictures(loaded.asset, folder, loaded.problems);
    } catch (const AssetError&) {
        throw;
    } catch (const std::exception& problem) {
        throw AssetError(problem.what());
    }
    measure(loaded.asset, segmentDuration_);
    return loaded;
}

void AssetLoader::forget(const std::string& id) const noexcept {
    std::error_code ignored;
    fs::remove_all(indexDirectory_ / id, ignored);
}

void AssetLoader::loadRenditions(Asset& asset, const fs::path& folder) const {
    struct Sound {
        SharedFile file;
        Track track;
        int height;
    };
    std::optional<Sound> sound;
    for (const auto& [name, path] : filesOf(folder, "", ".mp4")) {
        const auto file = path.filename().string();
        if (!isPlainName(name) || name == "thumbnails" || name.starts_with("audio-") || name.starts_with("subtitles-"))
            throw AssetError(file + ": a rendition's name is to be like \"720p\"; rename the file");
        auto media = openMedia(path, indexDirectory_ / asset.id);
        auto video = takeTrack(media.tracks, TrackKind::Video);
        if (!video) throw AssetError(file + " holds no H.264 video track");
        const int height = video->height;
        // Every rendition carries the default language; the tallest is taken to sound best.
        auto audio = takeTrack(media.tracks, TrackKind::Audio);
        if (audio && (!sound || height > sound->height)) sound.emplace(Sound{media.file, std::move(*audio), height});
        asset.renditions.push_back(package(name, name, media.file, std::move(*video)));
    }
    if (asset.renditions.empty())
        throw AssetError("the folder holds no rendition: put one <quality>.mp4 for each into it");
    std::sort(asset.renditions.begin(), asset.renditions.end(), [](const auto& left, const auto& right) {
        if (left.track->height != right.track->height) return left.track->height < right.track->height;
        return left.commonMedia.bitRate.average < right.commonMedia.bitRate.average;
    });
    if (!sound) return;
    const auto language = sound->track.language;
    asset.audio.push_back(package("audio-" + language, language == "und" ? "Default" : languageName(language),
                                  sound->file, std::move(sound->track)));
}

void AssetLoader::loadAlternateAudio(Asset& asset, const fs::path& folder) const {
    for (const auto& [language, path] : filesOf(folder, "audio-", ".m4a")) {
        const auto file = path.filename().string();
        if (!isLanguageTag(language))
            throw AssetError(file + ": \"" + language + "\" is no language; name the file audio-en.m4a, for example");
        if (asset.track("audio-" + language) != nullptr)
            throw AssetError(file + ": the renditions carry this language already; remove the file");
        auto media = openMedia(path, indexDirectory_ / asset.id);
        auto audio = takeTrack(media.tracks, TrackKind::Audio);
        if (!audio) throw AssetError(file + " holds no AAC audio track");
        audio->language = language;
        asset.audio.push_back(package("audio-" + language, languageName(language), media.file, std::move(*audio)));
    }
}

PackagedTrack AssetLoader::package(std::string name, std::string label, SharedFile file, Track track) const {
    PackagedTrack packaged{.serial = nextSerial_++,
                           .name = std::move(name),
                           .label = std::move(label),
                           .file = std::move(file),
                           .track = std::make_shared<const Track>(std::move(track)),
                           .segments = {},
                           .transportStreamPackager = nullptr,
                           .commonMediaPackager = nullptr,
                           .transportStream = {},
                           .commonMedia = {}};
    packaged.segments = packaged.track->kind == TrackKind::Video ? segmentVideo(*packaged.track, segmentDuration_)
                                                                 : segmentAudio(*packaged.track, segmentDuration_);
    packaged.transportStreamPackager = TransportStreamPackager::make(packaged.file, packaged.track, packaged.segments);
    packaged.commonMediaPackager =
        std::make_shared<const CommonMediaPackager>(packaged.file, packaged.track, packaged.segments);
    packaged.transportStream = factsOf(packaged, *packaged.transportStreamPackager);
    packaged.commonMedia = factsOf(packaged, *packaged.commonMediaPackager);
    return packaged;
}

std::string folderFingerprint(const fs::path& folder) {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        struct stat status {};
        if (::stat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back(fs::relative(entry.path(), folder).string() + " " + std::to_string(status.st_ino) + " " +
                        std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
                        std::to_string(status.st_mtim.tv_nsec) + "\n");
    }
    std::sort(files.begin(), files.end());
    std::string all;
    for (const auto& file : files) all += file;
    return shortDigest(all);
}

bool isPlainName(std::string_view name) noexcept {
    return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
    });
}

std::string shortDigest(std::string_view text) {
    // FNV-1a, 64 bits: nobody gains from a collision here, so it need not withstand an attack.
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char letter : text) {
        hash ^= static_cast<unsigned char>(letter);
        hash *= 1099511628211ULL;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string digest(16, '0');
    for (auto& digit : digest) {
        digit = digits[hash & 15U];
        hash >>= 4U;
    }
    return digest;
}

}  // namespace playhouse::streaming
