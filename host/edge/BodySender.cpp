#include "BodySender.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
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

BodySender::Progress progressOf(Transport::Status status) {
    switch (status) {
        case Transport::Status::Done:
            return BodySender::Progress::Done;
        case Transport::Status::WantsWrite:
            return BodySender::Progress::Blocked;
        case Transport::Status::WantsRead:
            return BodySender::Progress::NeedsInput;
        case Transport::Status::Ended:
        case Transport::Status::Failed:
            break;
    }
    return BodySender::Progress::Failed;
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
    skipEmptyParts();
}

std::vector<std::byte> BodySender::clear() {
    static_cast<void>(std::exchange(response_, {}));
    isActive_ = false;
    isCorked_ = false;
    chunkBegin_ = chunkEnd_ = 0;
    return std::exchange(chunk_, {});
}

/// Between the parts of a body TCP is to send full segments only: a push after each small file range costs the client a
/// wake-up.
void BodySender::cork(Transport& transport, bool on) {
    if (isCorked_ == on) return;
    isCorked_ = on;
    transport.cork(on);
}

BodySender::Progress BodySender::advance(Transport& transport, std::uint64_t& sent, std::uint64_t& allowance) {
    turn_ = 0;
    if (response_.body.parts().size() > 2) cork(transport, true);
    while (true) {
        const auto& parts = response_.body.parts();
        const bool hasMore = chunkBegin_ < chunkEnd_ || part_ < parts.size() || !sourceEnded_;
        if (headSent_ == response_.head.size() && hasMore && allowance == 0) {
            // What is there is to go out now, although more of the body follows.
            cork(transport, false);
            return Progress::Paced;
        }
        if (headSent_ < response_.head.size() || chunkBegin_ < chunkEnd_) {
            if (const auto progress = sendMemory(transport, sent, allowance); progress != Progress::Done)
                return progress;
            continue;
        }
        if (part_ < parts.size()) {
            const auto file = fileOf(parts[part_], partSent_);
            if (file.descriptor >= 0) {
                const auto size = std::min(sizeOf(parts[part_]) - partSent_, allowance);
                const auto before = sent;
                const auto progress = sendFile(transport, file.descriptor, file.offset, size, sent);
                allowance -= sent - before;
                if (progress != Progress::Done) return progress;
            } else if (const auto progress = sendMemory(transport, sent, allowance); progress != Progress::Done) {
                return progress;
            }
            if (turn_ >= fairShare && part_ < parts.size()) return Progress::Yielded;
            continue;
        }
        if (!sourceEnded_) return turn_ >= fairShare ? Progress::Yielded : Progress::NeedsSource;
        cork(transport, false);
        return progressOf(transport.flush());
    }
}

BodySender::Progress BodySender::sendMemory(Transport& transport, std::uint64_t& sent, std::uint64_t& allowance) {
    std::array<iovec, 64> pieces{};
    std::size_t count = 0;
    const auto headLeft = response_.head.size() - headSent_;
    if (headLeft > 0) pieces.at(count++) = {response_.head.data() + headSent_, headLeft};
    auto left = allowance;
    const auto add = [&](const std::byte* begin, std::uint64_t size) {
        const auto allowed = static_cast<std::size_t>(std::min(size, left));
        if (allowed > 0) pieces.at(count++) = {const_cast<std::byte*>(begin), allowed};
        left -= allowed;
    };
    if (chunkBegin_ < chunkEnd_) add(chunk_.data() + chunkBegin_, chunkEnd_ - chunkBegin_);
    const auto& parts = response_.body.parts();
    auto next = part_;
    for (auto skipped = partSent_; next < parts.size() && count < pieces.size(); ++next, skipped = 0) {
        if (left == 0 || fileOf(parts[next], skipped).descriptor >= 0) break;
        const auto bytes = std::get_if<SharedBuffer>(&parts[next])->bytes().subspan(static_cast<std::size_t>(skipped));
        add(bytes.data(), bytes.size());
    }
    // A source of known size delivers at once; of one that is being made (live), each piece is to go out. So is what
    // uses up an allowance.
    const bool more = left > 0 && (next < parts.size() || (!sourceEnded_ && (chunkEnd_ == 0 || response_.sourceSize)));
    const auto transfer = transport.send(std::span(pieces).first(count), more);
    if (transfer.status != Transport::Status::Done) return progressOf(transfer.status);
    sent += transfer.bytes;
    turn_ += transfer.bytes;
    std::uint64_t taken = transfer.bytes;
    const auto ofHead = std::min<std::uint64_t>(taken, headLeft);
    headSent_ += static_cast<std::size_t>(ofHead);
    taken -= ofHead;
    allowance -= taken;
    const auto ofChunk = std::min<std::uint64_t>(taken, chunkEnd_ - chunkBegin_);
    chunkBegin_ += static_cast<std::size_t>(ofChunk);
    advanceParts(taken - ofChunk);
    return Progress::Done;
}

BodySender::Progress BodySender::sendFile(Transport& transport, int file, std::uint64_t offset, std::uint64_t size,
                                          std::uint64_t& sent) {
    const auto share = static_cast<std::size_t>(std::min(size, fairShare));
    const auto transfer = transport.sendFile(file, offset, share);
    if (transfer.status == Transport::Status::Ended) return Progress::FileEnded;
    if (transfer.status != Transport::Status::Done) return progressOf(transfer.status);
    sent += transfer.bytes;
    turn_ += transfer.bytes;
    advanceParts(transfer.bytes);
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
    skipEmptyParts();
}

void BodySender::skipEmptyParts() {
    const auto& parts = response_.body.parts();
    while (part_ < parts.size() && sizeOf(parts[part_]) == 0) ++part_;
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
