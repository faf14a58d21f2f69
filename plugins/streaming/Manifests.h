#pragma once

#include "Asset.h"

#include <playhouse/SharedBuffer.h>

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

namespace playhouse::streaming {

/// A manifest as it is served, with a validator that changes with its text.
struct Manifest {
    Manifest() = default;
    explicit Manifest(std::string document);

    SharedBuffer text;
    std::string entityTag;
};

/// Every manifest of an asset that no filter changes, written once. Immutable, and safe from any thread.
class Manifests {
public:
    explicit Manifests(const Asset& asset);

    const Manifest& master(Container container) const noexcept { return master_[indexOf(container)]; }
    const Manifest& dash() const noexcept { return dash_; }

    /// The media playlist of a rendition, an audio track, a subtitle track ("subtitles-en") or "thumbnails"; null when
    /// there is no such track.
    const Manifest* media(const std::string& track, Container container) const noexcept;

    /// The playlist of a rendition's key frames; null when there is no such rendition.
    const Manifest* keyFrames(const std::string& rendition, Container container) const noexcept;

private:
    using ByContainer = std::array<Manifest, 2>;
    static constexpr std::size_t indexOf(Container container) noexcept { return static_cast<std::size_t>(container); }

    ByContainer master_;
    Manifest dash_;
    std::unordered_map<std::string, ByContainer> media_;
    std::unordered_map<std::string, ByContainer> keyFrames_;
};

}  // namespace playhouse::streaming
