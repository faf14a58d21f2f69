#include "IndexFile.h"
#include "Invariant.h"

#include <zlib.h>

#include <string>

// What follows the header of a kept media index: as if a disk, or another version, had written it with a good checksum.

namespace {

constexpr std::uint64_t fileSize = 100'000;

void appendNumber(std::string& text, std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xff);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace playhouse::streaming;
    using playhouse::fuzz::require;
    if (size > 4096) return -1;
    std::string bytes = "PHMI";
    appendNumber(bytes, 1);
    appendNumber(bytes, static_cast<std::uint32_t>(crc32_z(0, data, size)));
    bytes.append(reinterpret_cast<const char*>(data), size);
    const auto tracks = decodeIndex(bytes, "", fileSize);
    if (!tracks) return 0;
    for (const auto& track : *tracks) {
        require(!track.samples.empty(), "a track has samples");
        for (const auto& sample : track.samples)
            require(sample.offset <= fileSize && sample.size <= fileSize - sample.offset, "a sample lies inside");
    }
    return 0;
}
