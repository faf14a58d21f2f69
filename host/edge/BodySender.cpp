#include "BodySender.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

// Small enough to stay in a core's second-level cache between the source's writing and the kernel's reading.
constexpr std::size_t chunkSize = 128 * 1024;
constexpr std::size_t chunkFrame = 16;  // room for a chunk's size line before it and its end after it
constexpr std::uint64_t fairShare = 2 * 1024 * 1024;
constexpr std::size_t smallestSendfile = 32 * 1024;

struct FileView {
    int descriptor = -1;
    std::uint64_t offset = 0;
};

/// The file behind a part, when sending from it beats copying.
FileView fileOf(const Body::Part& part, std::uint64_t skipped) {
    if (const auto* range = std::get_if<FileRange>(&part)) return {range->file.descriptor(), range->offset + skipped};
    const auto& buffer = *std::get_if<SharedBuffer>(&part);
    if (buffer.descriptor() < 0 || buffer.size() - skipped < smallestSendfile) return {};
    return {buffer.descriptor(), buffer.descriptorOffset() + skipped};
}

}  // namespace

const std::size_t BodySender::scratchSize = chunkSize + 2 * chunkFrame;

void BodySender::begin(PreparedResponse response, std::vector<std::byte> scratch) {
    response_ = std::move(response);
    chunk_ = std::move(scratch);
    headSent_ = 0;
    part_ = 0;
    partSent_ = 0;
    turn_ = 0;
    chunkBegin_ = chunkEnd_ = 0;
    sourceEnded_ = response_.body.source() == nullptr;
    sourceLeft_ = response_.sourceSize.value_or(UINT64_MAX);
    isActive_ = true;
}

std::vector<std::byte> BodySender::clear() {
    response_ = {};
    isActive_ = false;
    isCorked_ = false;
    chunkBegin_ = chunkEnd_ = 0;
    return std::exchange(chunk_, {});
}

/// Between the parts of a body TCP is to send full segments only: a push after each small file range costs the client a
/// wake-up.
void BodySender::cork(int socket, bool on) {
    if (isCorked_ == on) return;
    isCorked_ = on;
    const int value = on ? 1 : 0;
    ::setsockopt(socket, IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

BodySender::Progress BodySender::advance(int socket, std::uint64_t& sent) {
    turn_ = 0;
    if (response_.body.parts().size() > 2) cork(socket, true);
    while (true) {
        const auto& parts = response_.body.parts();
        if (headSent_ < response_.head.size() || chunkBegin_ < chunkEnd_) {
            if (const auto progress = sendMemory(socket, sent); progress != Progress::Done) return progress;
            continue;
        }
        if (part_ < parts.size()) {
            const auto file = fileOf(parts[part_], partSent_);
            const auto progress = file.descriptor >= 0 ? sendFile(socket, file.descriptor, file.offset,
                                                                  sizeOf(parts[part_]) - partSent_, sent)
                                                       : sendMemory(socket, sent);
            if (progress != Progress::Done) return progress;
            if (turn_ >= fairShare && part_ < parts.size()) return Progress::Yielded;
            continue;
        }
        if (!sourceEnded_) return turn_ >= fairShare ? Progress::Yielded : Progress::NeedsSource;
        cork(socket, false);
        return Progress::Done;
    }
}

BodySender::Progress BodySender::sendMemory(int socket, std::uint64_t& sent) {
    std::array<iovec, 64> pieces{};
    std::size_t count = 0;
    const auto add = [&](const void* begin, std::size_t size) {
        if (size > 0) pieces.at(count++) = {const_cast<void*>(begin), size};
    };
    if (headSent_ < response_.head.size()) add(response_.head.data() + headSent_, response_.head.size() - headSent_);
    if (chunkBegin_ < chunkEnd_) add(chunk_.data() + chunkBegin_, chunkEnd_ - chunkBegin_);
    const auto& parts = response_.body.parts();
    auto next = part_;
    for (auto skipped = partSent_; next < parts.size() && count < pieces.size(); ++next, skipped = 0) {
        if (fileOf(parts[next], skipped).descriptor >= 0) break;
        const auto bytes = std::get_if<SharedBuffer>(&parts[next])->bytes().subspan(static_cast<std::size_t>(skipped));
        add(bytes.data(), bytes.size());
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    // A source of known size delivers at once; of one that is being made (live), each piece is to go out.
    const bool more = next < parts.size() || (!sourceEnded_ && (chunkEnd_ == 0 || response_.sourceSize));
    const auto written = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
    if (written < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Progress::Blocked;
        return errno == EINTR ? Progress::Done : Progress::Failed;
    }
    sent += static_cast<std::uint64_t>(written);
    turn_ += static_cast<std::uint64_t>(written);
    auto left = static_cast<std::uint64_t>(written);
    const auto ofHead = std::min<std::uint64_t>(left, response_.head.size() - headSent_);
    headSent_ += static_cast<std::size_t>(ofHead);
    left -= ofHead;
    const auto ofChunk = std::min<std::uint64_t>(left, chunkEnd_ - chunkBegin_);
    chunkBegin_ += static_cast<std::size_t>(ofChunk);
    left -= ofChunk;
    advanceParts(left);
    return Progress::Done;
}

BodySender::Progress BodySender::sendFile(int socket, int file, std::uint64_t offset, std::uint64_t size,
                                          std::uint64_t& sent) {
    auto at = static_cast<off_t>(offset);
    const auto share = static_cast<std::size_t>(std::min(size, fairShare));
    const auto written = ::sendfile(socket, file, &at, share);
    if (written < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return Progress::Blocked;
        return errno == EINTR ? Progress::Done : Progress::Failed;
    }
    if (written == 0) return Progress::Failed;
    sent += static_cast<std::uint64_t>(written);
    turn_ += static_cast<std::uint64_t>(written);
    advanceParts(static_cast<std::uint64_t>(written));
    return Progress::Done;
}

void BodySender::advanceParts(std::uint64_t count) {
    const auto& parts = response_.body.parts();
    while (count > 0 && part_ < parts.size()) {
        const auto taken = std::min(count, sizeOf(parts[part_]) - partSent_);
        partSent_ += taken;
        count -= taken;
        if (partSent_ == sizeOf(parts[part_])) {
            ++part_;
            partSent_ = 0;
        }
    }
}

void BodySender::fill() {
    auto* source = response_.body.source();
    if (!source || sourceEnded_) return;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(sourceLeft_, chunkSize));
    const auto got = wanted == 0 ? 0 : source->read(std::span(chunk_).subspan(chunkFrame, wanted));
    if (got > wanted) throw std::runtime_error("a body source wrote beyond its buffer");
    chunkBegin_ = chunkFrame;
    chunkEnd_ = chunkFrame + got;
    if (response_.sourceSize) {
        sourceLeft_ -= got;
        if (got == 0 && sourceLeft_ > 0) throw std::runtime_error("a body source ended before the size it promised");
        sourceEnded_ = sourceLeft_ == 0;
        return;
    }
    sourceEnded_ = got == 0;
    if (!response_.isChunked) return;
    // RFC 9112 section 7.1: the size in hexadecimal, the data, and a line's end after each.
    std::array<char, chunkFrame> line{};
    const auto size = static_cast<std::size_t>(std::snprintf(line.data(), line.size(), "%zx\r\n", got));
    chunkBegin_ = chunkFrame - size;
    std::transform(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(size),
                   chunk_.begin() + static_cast<std::ptrdiff_t>(chunkBegin_),
                   [](char letter) { return static_cast<std::byte>(letter); });
    chunk_[chunkEnd_++] = std::byte{'\r'};
    chunk_[chunkEnd_++] = std::byte{'\n'};
}

}  // namespace playhouse::host
