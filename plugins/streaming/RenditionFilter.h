#pragma once

#include "Asset.h"

#include <playhouse/Request.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace playhouse::streaming {

/// The tracks of an asset that a manifest is to offer. Points into the asset.
struct Selection {
    std::vector<const PackagedTrack*> renditions;  ///< by ascending height, then bit rate
    std::vector<const PackagedTrack*> audio;       ///< the default first
};

/// BANDWIDTH and AVERAGE-BANDWIDTH of `rendition` with the most demanding of `audio` (RFC 8216 section 4.3.4.2).
BitRate variantBitRate(const PackagedTrack& rendition, const std::vector<const PackagedTrack*>& audio,
                       Container container);

/// What the query of a manifest asks for: `maxHeight`, `minHeight` (pixels), `maxBitrate` (bits a second, of the whole
/// variant), `codecs` (RFC 6381, by prefix: "avc1", "avc1.64001f,mp4a"), `audio` (languages: "en,es").
struct RenditionFilter {
    std::optional<std::int64_t> maxHeight;
    std::optional<std::int64_t> minHeight;
    std::optional<std::int64_t> maxBitrate;
    std::vector<std::string> codecs;  ///< a kind that none of them belongs to is not filtered
    std::vector<std::string> languages;

    bool operator==(const RenditionFilter&) const = default;

    /// Throws ApiError 400 INVALID_PARAMETER for a value that is malformed or contradicts another.
    static RenditionFilter from(const Request& request);

    /// Throws ApiError 404 NO_MATCHING_RENDITION when no rendition is left, or no audio of an asset that has some.
    Selection apply(const Asset& asset, Container container) const;
};

/// Every track.
Selection everything(const Asset& asset);

/// The query's `container`: "ts" (the default) or "fmp4". Throws ApiError 400 INVALID_PARAMETER for another.
Container containerOf(const Request& request);

}  // namespace playhouse::streaming
