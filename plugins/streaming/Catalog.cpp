#include "Catalog.h"

#include "NotFound.h"
#include "TextFile.h"

#include <playhouse/ApiError.h>

#include <sstream>
#include <utility>

namespace playhouse::streaming {
namespace {

namespace fs = std::filesystem;

VideoCatalog::Video describe(const Asset& asset) {
    const auto& tallest = asset.renditions.back();
    return {.id = asset.id,
            .title = asset.title,
            .description = asset.description,
            .duration = std::chrono::milliseconds(asset.durationMicroseconds / 1000),
            .width = tallest.displayWidth(),
            .height = tallest.track->height,
            .posterPath = asset.poster ? "/stream/thumbnails/" + asset.id + "/poster.jpg" : ""};
}

/// Messages go to clients too, whom the server's directories do not concern.
std::string withoutFolder(std::string text, const fs::path& folder) {
    const auto prefix = folder.string();
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
        const bool isInside = text.compare(at + prefix.size(), 1, "/") == 0;
        text.replace(at, prefix.size() + (isInside ? 1 : 0), isInside ? "" : "the folder");
    }
    return text;
}

}  // namespace

std::vector<Problem> Library::problems() const {
    std::vector<Problem> all;
    for (const auto& [id, entry] : entries)
        for (const auto& problem : entry.problems) all.push_back({id, problem});
    return all;
}

Catalog::Catalog(fs::path folder, const fs::path& ownDirectory, std::chrono::milliseconds segmentDuration,
                 Storage& storage, Logger& logger, Metrics metrics)
    : folder_(std::move(folder)),
      indexedFile_(ownDirectory / "indexed.txt"),
      loader_(ownDirectory / "index", segmentDuration),
      storage_(storage),
      logger_(logger),
      metrics_(metrics),
      library_(std::make_shared<const Library>()) {}

void Catalog::open() {
    const auto indexed = readIndexed();
    Entries entries;
    for (const auto& [id, fingerprint] : fingerprints()) {
        const auto known = indexed.find(id);
        const bool isIndexed = known != indexed.end() && known->second == fingerprint;
        entries.emplace(id, isIndexed ? load(id, fingerprint) : Library::Entry{});
    }
    publish(std::move(entries));
}

void Catalog::scan() {
    const std::unique_lock oneAtATime(scanning_, std::try_to_lock);
    if (!oneAtATime.owns_lock()) return;
    const auto present = fingerprints();
    auto entries = library()->entries;
    const auto gone = std::erase_if(entries, [&](const auto& entry) {
        if (present.contains(entry.first)) return false;
        logger_.info("the video \"" + entry.first + "\" is gone");
        loader_.forget(entry.first);
        return true;
    });
    if (gone > 0) {
        publish(entries);
        writeIndexed(entries);
    }
    for (const auto& [id, fingerprint] : present) {
        const auto known = entries.find(id);
        if (known != entries.end() && known->second.fingerprint == fingerprint) continue;
        auto& entry = entries[id];
        const bool wasServed = entry.video != nullptr;
        entry = load(id, fingerprint);
        publish(entries);
        // At once: a generation that starts now is to serve what this one serves.
        if (entry.video || wasServed) writeIndexed(entries);
        if (entry.video) logger_.info("the video \"" + id + "\" can be streamed");
    }
}

std::shared_ptr<const Library> Catalog::library() const {
    const std::lock_guard lock(mutex_);
    return library_;
}

std::shared_ptr<const PublishedVideo> Catalog::require(std::string_view id) const {
    const auto current = library();
    const auto found = current->entries.find(id);
    if (found != current->entries.end() && found->second.video) return found->second.video;
    if (found != current->entries.end() && found->second.isPending())
        throw ApiError(503, "VIDEO_BEING_INDEXED",
                       "The video \"" + std::string(id) + "\" is being indexed. Try again in some seconds.");
    throw videoNotFound(id);
}

std::vector<VideoCatalog::Video> Catalog::videos() const {
    const auto current = library();
    std::vector<Video> all;
    for (const auto& [id, entry] : current->entries)
        if (entry.video) all.push_back(describe(entry.video->asset));
    return all;
}

std::optional<VideoCatalog::Video> Catalog::video(std::string_view id) const {
    const auto current = library();
    const auto found = current->entries.find(id);
    if (found == current->entries.end() || !found->second.video) return std::nullopt;
    return describe(found->second.video->asset);
}

std::map<std::string, std::string> Catalog::fingerprints() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        const auto id = entry.path().filename().string();
        std::error_code vanished;
        if (id.starts_with('.') || !entry.is_directory(vanished)) continue;
        try {
            found.emplace(id, folderFingerprint(entry.path()));
        } catch (const fs::filesystem_error&) {
            // It vanished while it was read; the next scan sees what became of it.
        }
    }
    return found;
}

Library::Entry Catalog::load(const std::string& id, const std::string& fingerprint) {
    Library::Entry entry{fingerprint, nullptr, {}};
    try {
        auto loaded = loader_.load(folder_ / id);
        entry.video = std::make_shared<const PublishedVideo>(std::move(loaded.asset));
        entry.problems = std::move(loaded.problems);
    } catch (const std::exception& problem) {
        entry.problems.emplace_back(problem.what());
    }
    for (auto& problem : entry.problems) problem = withoutFolder(std::move(problem), folder_ / id);
    for (const auto& problem : entry.problems)
        logger_.warning("video \"" + id + "\"" + (entry.video ? ": " : " cannot be streamed: ") + problem);
    return entry;
}

void Catalog::publish(Entries entries) {
    double videos = 0;
    double problems = 0;
    for (const auto& [id, entry] : entries) {
        videos += entry.video ? 1 : 0;
        problems += static_cast<double>(entry.problems.size());
    }
    metrics_.videos.set(videos);
    metrics_.problems.set(problems);
    auto next = std::make_shared<const Library>(Library{std::move(entries)});
    const std::lock_guard lock(mutex_);
    // The library before goes when the lock is free again, and not while others wait for it.
    library_.swap(next);
}

std::map<std::string, std::string> Catalog::readIndexed() const {
    std::map<std::string, std::string> indexed;
    if (!fs::exists(indexedFile_)) return indexed;
    try {
        std::istringstream lines(readTextFile(indexedFile_));
        std::string id;
        std::string fingerprint;
        while (lines >> fingerprint >> std::ws && std::getline(lines, id)) indexed.emplace(id, fingerprint);
    } catch (const std::exception& problem) {
        logger_.warning(std::string("the list of indexed videos is read anew: ") + problem.what());
    }
    return indexed;
}

void Catalog::writeIndexed(const Entries& entries) {
    std::string text;
    for (const auto& [id, entry] : entries)
        if (entry.video) text.append(entry.fingerprint).append(" ").append(id).append("\n");
    try {
        storage_.writeAtomically(indexedFile_, text);
    } catch (const std::exception& problem) {
        logger_.warning(std::string("the next start will take longer: ") + problem.what());
    }
}

}  // namespace playhouse::streaming
