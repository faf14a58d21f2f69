#include "Manifests.h"

#include "AssetLoader.h"
#include "DashManifest.h"
#include "HlsPlaylists.h"

#include <functional>
#include <utility>

namespace playhouse::streaming {
namespace {

std::array<Manifest, 2> forBoth(const std::function<std::string(Container)>& write) {
    return {Manifest(write(Container::TransportStream)), Manifest(write(Container::CommonMedia))};
}

const Manifest* find(const std::unordered_map<std::string, std::array<Manifest, 2>>& manifests, const std::string& name,
                     std::size_t container) noexcept {
    const auto found = manifests.find(name);
    return found != manifests.end() ? &found->second[container] : nullptr;
}

}  // namespace

Manifest::Manifest(std::string document) : entityTag(shortDigest(document)) {
    text = SharedBuffer(std::move(document));
}

Manifests::Manifests(const Asset& asset) {
    const auto all = everything(asset);
    master_ = forBoth([&](Container container) { return masterPlaylist(asset, container, all); });
    dash_ = Manifest(dashManifest(asset, all));
    for (const auto& rendition : asset.renditions) {
        media_.emplace(rendition.name,
                       forBoth([&](Container container) { return mediaPlaylist(asset, rendition, container); }));
        keyFrames_.emplace(rendition.name,
                           forBoth([&](Container container) { return keyFramePlaylist(asset, rendition, container); }));
    }
    for (const auto& audio : asset.audio)
        media_.emplace(audio.name,
                       forBoth([&](Container container) { return mediaPlaylist(asset, audio, container); }));
    for (const auto& track : asset.subtitles)
        media_.emplace(track.name(),
                       forBoth([&](Container container) { return subtitlePlaylist(asset, track, container); }));
    if (asset.thumbnails) media_.emplace("thumbnails", forBoth([&](Container) { return imagePlaylist(asset); }));
}

const Manifest* Manifests::media(const std::string& track, Container container) const noexcept {
    return find(media_, track, indexOf(container));
}

const Manifest* Manifests::keyFrames(const std::string& rendition, Container container) const noexcept {
    return find(keyFrames_, rendition, indexOf(container));
}

}  // namespace playhouse::streaming
