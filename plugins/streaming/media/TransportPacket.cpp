#include "TransportPacket.h"

#include <cstring>

namespace playhouse::streaming::ts {
namespace {

constexpr int stuffing = 0xff;
constexpr std::uint64_t timestampMask = (std::uint64_t{1} << 33) - 1;

}  // namespace

void writeClockField(std::byte* field, std::size_t size, std::int64_t clock, bool isRandomAccess) noexcept {
    const auto base = static_cast<std::uint64_t>(clock) & timestampMask;
    field[0] = static_cast<std::byte>(size - 1);
    field[1] = static_cast<std::byte>(0x10 | (isRandomAccess ? 0x40 : 0));
    field[2] = static_cast<std::byte>(base >> 25);
    field[3] = static_cast<std::byte>(base >> 17);
    field[4] = static_cast<std::byte>(base >> 9);
    field[5] = static_cast<std::byte>(base >> 1);
    field[6] = static_cast<std::byte>((base & 1) << 7 | 0x7e);  // reserved bits, and an extension of 0
    field[7] = std::byte{0};
    std::memset(field + clockFieldSize, stuffing, size - clockFieldSize);
}

void writeStuffingField(std::byte* field, std::size_t size) noexcept {
    field[0] = static_cast<std::byte>(size - 1);
    if (size == 1) return;
    field[1] = std::byte{0};
    std::memset(field + 2, stuffing, size - 2);
}

void writeTimestamp(std::byte* into, unsigned prefix, std::int64_t time) noexcept {
    const auto value = static_cast<std::uint64_t>(time) & timestampMask;
    into[0] = static_cast<std::byte>(prefix << 4 | (value >> 30 & 7) << 1 | 1);
    into[1] = static_cast<std::byte>(value >> 22);
    into[2] = static_cast<std::byte>((value >> 15 & 0x7f) << 1 | 1);
    into[3] = static_cast<std::byte>(value >> 7);
    into[4] = static_cast<std::byte>((value & 0x7f) << 1 | 1);
}

}  // namespace playhouse::streaming::ts
