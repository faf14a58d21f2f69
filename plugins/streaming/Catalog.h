#pragma once

#include "Asset.h"
#include "AssetLoader.h"
#include "Manifests.h"

#include <playhouse/Logger.h>
#include <playhouse/Metrics.h>
#include <playhouse/Storage.h>
#include <playhouse/VideoCatalog.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming {

/// A video with its manifests, as it is served.
struct PublishedVideo {
    explicit PublishedVideo(Asset loaded) : asset(std::move(loaded)), manifests(asset) {}
    PublishedVideo(const PublishedVideo&) = delete;
    PublishedVideo& operator=(const PublishedVideo&) = delete;

    const Asset asset;
    const Manifests manifests;
};

/// Something in the library that cannot be streamed, or not whole.
struct Problem {
    std::string id;     ///< of the video
    std::string error;  ///< for the operator
};

/// The library at one moment. Immutable.
struct Library {
    struct Entry {
        std::string fingerprint;                      ///< of the folder
        std::shared_ptr<const PublishedVideo> video;  ///< null while it is not indexed, or when it is broken
        std::vector<std::string> problems;            ///< with neither video nor problem it awaits indexing
        bool isPending() const noexcept { return !video && problems.empty(); }
    };
    std::map<std::string, Entry, std::less<>> entries;  ///< by the folder's name, which is the video's id

    std::vector<Problem> problems() const;
};

/// Knows what can be streamed: watches the library's folder and publishes it as immutable Library objects, so that a
/// request in flight keeps the one it began with. Safe from any thread.
class Catalog final : public VideoCatalog {
public:
    struct Metrics {
        Gauge& videos;
        Gauge& problems;
    };

    /// @param folder   holds a folder for each video; names beginning with "." are passed over
    /// @param ownDirectory  keeps indexes, and the list of what has been indexed
    /// The references must outlive the catalogue.
    Catalog(std::filesystem::path folder, const std::filesystem::path& ownDirectory,
            std::chrono::milliseconds segmentDuration, Storage& storage, Logger& logger, Metrics metrics);

    /// Loads what was indexed before and has not changed, which is fast, and lists the rest as pending.
    void open();

    /// Looks for videos that are new, changed or gone, and publishes each as soon as it is loaded. One scan runs at a
    /// time; a second caller returns at once.
    void scan();

    std::shared_ptr<const Library> library() const;

    /// The video that can be streamed. Throws ApiError 404 VIDEO_NOT_FOUND, or 503 while it is being indexed.
    std::shared_ptr<const PublishedVideo> require(std::string_view id) const;

    std::vector<Video> videos() const override;
    std::optional<Video> video(std::string_view id) const override;

private:
    using Entries = std::map<std::string, Library::Entry, std::less<>>;

    std::map<std::string, std::string> fingerprints() const;
    Library::Entry load(const std::string& id, const std::string& fingerprint);
    void publish(Entries entries);
    std::map<std::string, std::string> readIndexed() const;
    void writeIndexed(const Entries& entries);

    const std::filesystem::path folder_;
    const std::filesystem::path indexedFile_;
    const AssetLoader loader_;
    Storage& storage_;
    Logger& logger_;
    const Metrics metrics_;
    std::mutex scanning_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Library> library_;
};

}  // namespace playhouse::streaming
