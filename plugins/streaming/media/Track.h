#pragma once

#include <playhouse/FileRange.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace playhouse::streaming {

/// An exact fraction, such as a frame rate of 30000/1001.
struct Rational {
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;
};

/// One access unit of a track: where its bytes lie, and when it is decoded and shown. Times are in ticks of the track's
/// timescale, on a timeline on which the asset's presentation starts at 0; a first decode time may be below 0.
struct Sample {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t duration = 0;
    std::int64_t decodeTime = 0;
    std::int32_t compositionOffset = 0;  ///< presentation time less decode time
    bool isKey = false;                  ///< an instantaneous decoder refresh picture; every audio frame
};

/// How a picture's numbers stand for colours, by the code points of ISO/IEC 23091-2; 2 means unspecified.
struct ColorDescription {
    int primaries = 2;
    int transfer = 2;
    int matrix = 2;
    bool isFullRange = false;
};

enum class TrackKind { Video, Audio };

/// One elementary stream of a media file, with every sample known.
struct Track {
    TrackKind kind = TrackKind::Video;
    std::string codec;            ///< RFC 6381: "avc1.64001f", "mp4a.40.2"
    std::string language;         ///< BCP 47: "en"; "und" when the file does not say
    std::uint32_t timescale = 0;  ///< ticks a second
    int width = 0;                ///< video, in pixels
    int height = 0;
    Rational sampleAspectRatio{1, 1};             ///< video: a pixel's width to its height
    Rational frameRate;                           ///< video: measured over all samples
    ColorDescription color;                       ///< video
    int channels = 0;                             ///< audio
    int sampleRate = 0;                           ///< audio, in Hz
    std::vector<std::byte> decoderConfiguration;  ///< avcC record, or AudioSpecificConfig
    std::vector<Sample> samples;                  ///< in decode order; never empty
};

/// A file that is open, with the tracks that can be streamed.
struct MediaFile {
    SharedFile file;
    std::vector<Track> tracks;
};

/// A run of samples that makes one media segment. Video segments begin with a key frame.
struct Segment {
    std::size_t firstSample = 0;
    std::size_t sampleCount = 0;
    std::int64_t start = 0;     ///< earliest presentation time, in ticks; the end of the segment before
    std::int64_t duration = 0;  ///< in ticks; to the start of the next segment, or the end of the track
};

}  // namespace playhouse::streaming
