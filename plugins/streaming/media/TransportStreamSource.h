#pragma once

#include "PesPlan.h"
#include "SampleWindow.h"
#include "TransportStream.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace playhouse::streaming {

/// One segment's packets, written while they are read. Keeps its packager alive.
class TransportStreamSource final : public BodySource {
public:
    TransportStreamSource(std::shared_ptr<const TransportStreamPackager> packager, std::size_t segment);

    std::optional<std::uint64_t> size() const override { return size_; }
    std::size_t read(std::span<std::byte> into) override;
    void skip(std::uint64_t count) override;

private:
    /// Writes whole packets and returns the bytes; `into` holds one at least.
    std::size_t writePackets(std::span<std::byte> into);
    bool enterNextUnit();
    void enterSample(std::size_t index);
    void writeTable(std::byte* packet);
    void writeClockPacket(std::byte* packet);
    void writeFirstPacket(std::byte* packet);
    void writePacket(std::byte* packet);
    std::size_t writeFullPackets(std::span<std::byte> into);
    void copyPayload(std::byte* into, std::size_t size);

    std::shared_ptr<const TransportStreamPackager> packager_;
    const PesPlan& plan_;
    const Segment& segment_;
    std::uint64_t size_;
    std::uint64_t tableCounter_;
    std::uint64_t payloadCounter_;

    std::size_t nextSample_;  ///< that begins the unit after this one
    PesUnit unit_;
    unsigned tablesLeft_ = 0;
    std::uint64_t payloadLeft_ = 0;
    std::uint64_t clockPacketsLeft_ = 0;

    std::size_t sample_ = 0;  ///< the one being copied
    std::vector<std::byte> prefix_;
    std::size_t prefixUsed_ = 0;
    SampleWindow window_;

    std::array<std::byte, ts::packetSize> pending_{};  ///< a packet of which only a part was asked for
    std::size_t pendingUsed_ = ts::packetSize;
};

}  // namespace playhouse::streaming
