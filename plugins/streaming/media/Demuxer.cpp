#include "Demuxer.h"

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <string>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

namespace playhouse::streaming {
namespace {

constexpr int inputBufferSize = 64 * 1024;

/// By libav at a time: enough for 5 million samples of a track, a day of video. A file of a few bytes may claim any
/// number of them.
constexpr std::size_t largestAllocation = 128 * 1024 * 1024;

std::string describe(int error) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(error, text.data(), text.size());
    return text.data();
}

}  // namespace

void Demuxer::ReleaseInput::operator()(AVIOContext* input) const {
    av_freep(&input->buffer);
    avio_context_free(&input);
}

void Demuxer::ReleaseFormat::operator()(AVFormatContext* format) const {
    avformat_close_input(&format);
}

void Demuxer::ReleasePacket::operator()(AVPacket* packet) const {
    av_packet_free(&packet);
}

Demuxer::Demuxer(SharedFile file) : file_(std::move(file)) {
    // The reasons reach the operator in MediaError; libav's own lines on stderr would come without a file's name.
    [[maybe_unused]] static const bool prepared =
        (av_log_set_level(AV_LOG_QUIET), av_max_alloc(largestAllocation), true);

    auto* buffer = static_cast<unsigned char*>(av_malloc(inputBufferSize));
    if (!buffer) throw std::bad_alloc();
    input_.reset(avio_alloc_context(buffer, inputBufferSize, 0, this, &Demuxer::read, nullptr, &Demuxer::seek));
    if (!input_) {
        av_free(buffer);
        throw std::bad_alloc();
    }
    auto* format = avformat_alloc_context();
    if (!format) throw std::bad_alloc();
    format->pb = input_.get();
    // Parsers and guesses off: only what the container says counts.
    format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
    // On failure this frees the context.
    if (const int result = avformat_open_input(&format, nullptr, av_find_input_format("mov"), nullptr); result < 0)
        throw std::runtime_error("it is no MP4 file, or its header is broken (" + describe(result) + ")");
    format_.reset(format);
    packet_.reset(av_packet_alloc());
    if (!packet_) throw std::bad_alloc();
}

Demuxer::~Demuxer() = default;

std::vector<AVStream*> Demuxer::streams() const {
    return {format_->streams, format_->streams + format_->nb_streams};
}

const AVPacket* Demuxer::next() {
    av_packet_unref(packet_.get());
    const int result = av_read_frame(format_.get(), packet_.get());
    if (result == AVERROR_EOF) return nullptr;
    if (result < 0) throw std::runtime_error("its samples cannot be read (" + describe(result) + ")");
    return packet_.get();
}

int Demuxer::read(void* self, std::uint8_t* into, int size) {
    auto& demuxer = *static_cast<Demuxer*>(self);
    const auto left = static_cast<std::int64_t>(demuxer.file_.size()) - demuxer.position_;
    if (left <= 0) return AVERROR_EOF;
    const auto count = std::min<std::int64_t>(size, left);
    try {
        demuxer.file_.read(static_cast<std::uint64_t>(demuxer.position_), into, static_cast<std::size_t>(count));
    } catch (const std::exception&) {
        return AVERROR(EIO);
    }
    demuxer.position_ += count;
    return static_cast<int>(count);
}

std::int64_t Demuxer::seek(void* self, std::int64_t offset, int whence) {
    auto& demuxer = *static_cast<Demuxer*>(self);
    const auto size = static_cast<std::int64_t>(demuxer.file_.size());
    switch (whence & ~AVSEEK_FORCE) {
        case AVSEEK_SIZE:
            return size;
        case SEEK_SET:
            break;
        case SEEK_CUR:
            offset += demuxer.position_;
            break;
        case SEEK_END:
            offset += size;
            break;
        default:
            return AVERROR(EINVAL);
    }
    if (offset < 0) return AVERROR(EINVAL);
    return demuxer.position_ = offset;
}

}  // namespace playhouse::streaming
