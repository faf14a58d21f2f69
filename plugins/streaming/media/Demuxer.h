#pragma once

#include <playhouse/FileRange.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

extern "C" {
#include <libavformat/avformat.h>
}

namespace playhouse::streaming {

/// libavformat's reader of MP4 over a file that is open already, so that a path is never taken for a URL and the bytes
/// indexed are those of the descriptor that is served from. Not safe between threads.
class Demuxer {
public:
    /// Reads the header. Throws std::runtime_error with libavformat's reason when it is none of an MP4.
    explicit Demuxer(SharedFile file);
    Demuxer(const Demuxer&) = delete;
    Demuxer& operator=(const Demuxer&) = delete;
    ~Demuxer();

    /// The streams, owned by this.
    std::vector<AVStream*> streams() const;

    /// The next packet of a stream that is not discarded, valid until the next call; null at the end of the file.
    /// Timestamps are those of the container with edit lists applied. Throws std::runtime_error for a broken file.
    const AVPacket* next();

private:
    static int read(void* self, std::uint8_t* into, int size);
    static std::int64_t seek(void* self, std::int64_t offset, int whence);

    struct ReleaseInput {
        void operator()(AVIOContext* input) const;
    };
    struct ReleaseFormat {
        void operator()(AVFormatContext* format) const;
    };
    struct ReleasePacket {
        void operator()(AVPacket* packet) const;
    };

    SharedFile file_;
    std::int64_t position_ = 0;
    std::unique_ptr<AVIOContext, ReleaseInput> input_;
    std::unique_ptr<AVFormatContext, ReleaseFormat> format_;
    std::unique_ptr<AVPacket, ReleasePacket> packet_;
};

}  // namespace playhouse::streaming
