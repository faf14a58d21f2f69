#include "TransportStreamSource.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace playhouse::streaming {

TransportStreamSource::TransportStreamSource(std::shared_ptr<const TransportStreamPackager> packager,
                                             std::size_t segment)
    : packager_(std::move(packager)),
      plan_(packager_->plan_),
      segment_(packager_->segments_.at(segment)),
      size_(packager_->layouts_[segment].size),
      tableCounter_(packager_->layouts_[segment].tablesBefore),
      payloadCounter_(packager_->layouts_[segment].payloadsBefore),
      nextSample_(segment_.firstSample),
      window_(packager_->file_,
              std::span(packager_->track_->samples).first(segment_.firstSample + segment_.sampleCount),
              packager_->track_->kind == TrackKind::Video ? SampleWindow::NalUnits::WithStartCodes
                                                          : SampleWindow::NalUnits::AsStored) {}

std::size_t TransportStreamSource::read(std::span<std::byte> into) {
    std::size_t written = 0;
    const auto takePending = [&] {
        const auto count = std::min(into.size() - written, ts::packetSize - pendingUsed_);
        std::memcpy(into.data() + written, pending_.data() + pendingUsed_, count);
        pendingUsed_ += count;
        written += count;
    };
    if (into.empty()) return 0;
    takePending();
    written += writePackets(into.subspan(written));
    if (written == 0 && writePackets(pending_) > 0) {
        pendingUsed_ = 0;
        takePending();
    }
    return written;
}

void TransportStreamSource::skip(std::uint64_t count) {
    const auto taken = std::min<std::uint64_t>(count, ts::packetSize - pendingUsed_);
    pendingUsed_ += static_cast<std::size_t>(taken);
    count -= taken;
    const bool betweenUnits = tablesLeft_ == 0 && payloadLeft_ == 0 && clockPacketsLeft_ == 0;
    if (betweenUnits) {
        // Whole units are passed over by arithmetic; the file is not touched.
        const auto end = segment_.firstSample + segment_.sampleCount;
        while (nextSample_ < end) {
            const auto unit = plan_.unitAt(nextSample_, segment_);
            const auto bytes = unit.allPackets() * ts::packetSize;
            if (bytes > count) break;
            count -= bytes;
            nextSample_ += unit.sampleCount;
            payloadCounter_ += unit.packets;
            if (unit.hasTables) ++tableCounter_;
        }
    }
    BodySource::skip(count);
}

std::size_t TransportStreamSource::writePackets(std::span<std::byte> into) {
    std::size_t written = 0;
    while (into.size() - written >= ts::packetSize) {
        auto* packet = into.data() + written;
        if (tablesLeft_ > 0) {
            writeTable(packet);
        } else if (payloadLeft_ > 0) {
            if (const auto full = writeFullPackets(into.subspan(written)); full > 0) {
                written += full;
                continue;
            }
            payloadLeft_ == unit_.size ? writeFirstPacket(packet) : writePacket(packet);
        } else if (clockPacketsLeft_ > 0) {
            writeClockPacket(packet);
        } else if (enterNextUnit()) {
            continue;
        } else {
            break;
        }
        written += ts::packetSize;
    }
    return written;
}

bool TransportStreamSource::enterNextUnit() {
    if (nextSample_ == segment_.firstSample + segment_.sampleCount) return false;
    unit_ = plan_.unitAt(nextSample_, segment_);
    nextSample_ += unit_.sampleCount;
    tablesLeft_ = unit_.hasTables ? 2 : 0;
    payloadLeft_ = unit_.size;
    clockPacketsLeft_ = unit_.clockPackets;
    enterSample(unit_.firstSample);
    return true;
}

void TransportStreamSource::enterSample(std::size_t index) {
    sample_ = index;
    plan_.writePrefix(unit_, index, prefix_);
    prefixUsed_ = 0;
    window_.enter(index);
}

void TransportStreamSource::writeTable(std::byte* packet) {
    std::memcpy(packet, plan_.tables().data() + (tablesLeft_ == 2 ? 0 : ts::packetSize), ts::packetSize);
    packet[3] |= static_cast<std::byte>(tableCounter_ & 15);
    if (--tablesLeft_ == 0) ++tableCounter_;
}

void TransportStreamSource::writeClockPacket(std::byte* packet) {
    // A packet without payload repeats the counter of the one before.
    ts::writeHeader(packet, plan_.pid(), false, true, false, payloadCounter_ - 1);
    const auto intervals = unit_.clockPackets - --clockPacketsLeft_;
    ts::writeClockField(packet + ts::headerSize, ts::payloadSize, PesPlan::clock(unit_, intervals), false);
}

void TransportStreamSource::writeFirstPacket(std::byte* packet) {
    const auto payload = std::min<std::uint64_t>(payloadLeft_, ts::payloadSize - ts::clockFieldSize);
    const auto fieldSize = ts::payloadSize - static_cast<std::size_t>(payload);
    ts::writeHeader(packet, plan_.pid(), true, true, true, payloadCounter_++);
    ts::writeClockField(packet + ts::headerSize, fieldSize, PesPlan::clock(unit_), unit_.isRandomAccess);
    copyPayload(packet + ts::headerSize + fieldSize, static_cast<std::size_t>(payload));
}

void TransportStreamSource::writePacket(std::byte* packet) {
    const auto payload = std::min<std::uint64_t>(payloadLeft_, ts::payloadSize);
    const auto fieldSize = ts::payloadSize - static_cast<std::size_t>(payload);
    ts::writeHeader(packet, plan_.pid(), false, fieldSize > 0, true, payloadCounter_++);
    if (fieldSize > 0) ts::writeStuffingField(packet + ts::headerSize, fieldSize);
    copyPayload(packet + ts::headerSize + fieldSize, static_cast<std::size_t>(payload));
}

/// The hot path: packets that are full of one sample's bytes, as many as window and span hold.
std::size_t TransportStreamSource::writeFullPackets(std::span<std::byte> into) {
    if (payloadLeft_ == unit_.size || prefixUsed_ < prefix_.size()) return 0;
    const auto source = window_.available();
    const auto count = std::min(into.size() / ts::packetSize, source.size() / ts::payloadSize);
    const auto* from = source.data();
    auto* to = into.data();
    for (std::size_t i = 0; i < count; ++i) {
        ts::writeHeader(to, plan_.pid(), false, false, true, payloadCounter_++);
        std::memcpy(to + ts::headerSize, from, ts::payloadSize);
        to += ts::packetSize;
        from += ts::payloadSize;
    }
    window_.consume(count * ts::payloadSize);
    payloadLeft_ -= count * ts::payloadSize;
    return count * ts::packetSize;
}

void TransportStreamSource::copyPayload(std::byte* into, std::size_t size) {
    payloadLeft_ -= size;
    while (size > 0) {
        std::size_t count = 0;
        if (prefixUsed_ < prefix_.size()) {
            count = std::min(size, prefix_.size() - prefixUsed_);
            std::memcpy(into, prefix_.data() + prefixUsed_, count);
            prefixUsed_ += count;
        } else {
            const auto source = window_.available();
            if (source.empty()) {
                enterSample(sample_ + 1);
                continue;
            }
            count = std::min(size, source.size());
            std::memcpy(into, source.data(), count);
            window_.consume(count);
        }
        into += count;
        size -= count;
    }
}

}  // namespace playhouse::streaming
