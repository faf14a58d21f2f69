#pragma once

#include "Asset.h"
#include "RenditionFilter.h"

#include <string>

namespace playhouse::streaming {

// HLS playlists (RFC 8216 and its successor draft-pantos-hls-rfc8216bis), as text in UTF-8. All URIs in them are
// relative to /stream/hls/{videoId}/ and the folders below it, so that they hold behind any prefix.

/// The master playlist (multivariant playlist) of the tracks in `selection`: variants by ascending bandwidth, audio and
/// subtitle groups, key-frame variants, and thumbnails as an image variant (Roku's EXT-X-IMAGE-STREAM-INF).
std::string masterPlaylist(const Asset& asset, Container container, const Selection& selection);

/// The media playlist of a rendition or an audio track.
std::string mediaPlaylist(const Asset& asset, const PackagedTrack& track, Container container);

/// The media playlist of a rendition's key frames (EXT-X-I-FRAMES-ONLY), as byte ranges of its segments.
std::string keyFramePlaylist(const Asset& asset, const PackagedTrack& rendition, Container container);

/// The media playlist of a subtitle track; `container` decides what the segments call time 0.
std::string subtitlePlaylist(const Asset& asset, const SubtitleTrack& track, Container container);

/// The media playlist of the thumbnails (EXT-X-IMAGES-ONLY), one sprite a segment. The asset has thumbnails.
std::string imagePlaylist(const Asset& asset);

}  // namespace playhouse::streaming
