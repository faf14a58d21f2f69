#include "ProgramTables.h"

#include "ByteWriter.h"
#include "Language.h"

#include <algorithm>

namespace playhouse::streaming::ts {
namespace {

constexpr std::uint32_t programNumber = 1;
constexpr std::uint32_t transportStreamId = 1;
constexpr std::uint32_t streamTypeAdts = 0x0f;
constexpr std::uint32_t streamTypeH264 = 0x1b;
constexpr std::uint32_t languageDescriptor = 0x0a;

/// One section: `tableId`, its length, `tableIdExtension`, version 0, `content`, checksum.
std::string makeSection(std::uint32_t tableId, std::uint32_t tableIdExtension, std::string_view content) {
    constexpr std::uint32_t aroundContent = 9;
    ByteWriter section;
    section.u8(tableId);
    section.u16(0xb000u | static_cast<std::uint32_t>(content.size() + aroundContent));
    section.u16(tableIdExtension);
    section.u8(0xc1);  // version 0, in force now
    section.u16(0);    // section 0 of 0
    section.text(content);
    section.u32(tableChecksum(std::as_bytes(std::span(section.view()))));
    return section.take();
}

void writeSection(std::span<std::byte, packetSize> packet, std::uint16_t pid, std::string_view section) {
    std::ranges::fill(packet, std::byte{0xff});
    writeHeader(packet.data(), pid, true, false, true, 0);
    packet[headerSize] = std::byte{0};  // the section begins at once
    std::ranges::copy(std::as_bytes(std::span(section)), packet.begin() + headerSize + 1);
}

std::string programMap(const Track& track) {
    const bool isVideo = track.kind == TrackKind::Video;
    const std::uint32_t pid = isVideo ? videoPid : audioPid;
    ByteWriter descriptors;
    if (!isVideo) {
        descriptors.u8(languageDescriptor);
        descriptors.u8(4);
        descriptors.text(languageCode(track.language));
        descriptors.u8(0);
    }
    ByteWriter content;
    content.u16(0xe000 | pid);  // of the PCR
    content.u16(0xf000);        // no descriptors of the program
    content.u8(isVideo ? streamTypeH264 : streamTypeAdts);
    content.u16(0xe000 | pid);
    content.u16(0xf000u | static_cast<std::uint32_t>(descriptors.size()));
    content.text(descriptors.view());
    return makeSection(0x02, programNumber, content.view());
}

}  // namespace

ProgramTables makeProgramTables(const Track& track) {
    ByteWriter association;
    association.u16(programNumber);
    association.u16(0xe000 | programMapPid);
    ProgramTables tables;
    const std::span<std::byte, 2 * packetSize> bytes(tables);
    writeSection(bytes.first<packetSize>(), 0, makeSection(0x00, transportStreamId, association.view()));
    writeSection(bytes.last<packetSize>(), programMapPid, programMap(track));
    return tables;
}

std::uint32_t tableChecksum(std::span<const std::byte> section) noexcept {
    std::uint32_t remainder = 0xffffffff;
    for (const auto byte : section) {
        remainder ^= std::to_integer<std::uint32_t>(byte) << 24;
        for (int bit = 0; bit < 8; ++bit) remainder = remainder << 1 ^ (remainder >> 31 ? 0x04c11db7u : 0u);
    }
    return remainder;
}

}  // namespace playhouse::streaming::ts
