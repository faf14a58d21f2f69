#pragma once

#include "Track.h"

#include <optional>
#include <span>
#include <vector>

extern "C" {
#include <libavformat/avformat.h>
}

namespace playhouse::streaming {

/// Collects one stream's packets into a Track. What is wrong with the stream is thrown as std::runtime_error or
/// std::invalid_argument, with the reason and what to do.
class TrackReader {
public:
    /// Whether `stream` is H.264 or AAC; other streams are left out.
    static bool canRead(const AVStream& stream);

    /// Reads the stream's parameters.
    explicit TrackReader(const AVStream& stream);

    /// Takes the next packet, having made sure that it lies in `file` where the container says.
    void add(const AVPacket& packet, const SharedFile& file);

    /// The track, with durations filled in. None when no sample is left, as of an empty audio track.
    std::optional<Track> finish(const SharedFile& file);

private:
    void readVideo(const AVStream& stream);
    void readAudio(const AVStream& stream);
    void fillDurations();
    void checkPresentation() const;

    Track track_;
    const AVStream& stream_;
    std::vector<std::byte> check_;
    std::int64_t lastDuration_ = 0;
    bool sawDiscarded_ = false;
};

}  // namespace playhouse::streaming
