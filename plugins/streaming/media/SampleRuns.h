#pragma once

#include "Track.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace playhouse::streaming {

/// Bytes of no interest between samples that are cheaper to read than another call.
constexpr std::uint64_t widestGap = 4 * 1024;

/// Samples that lie one after another in the file.
struct SampleRun {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// The fewest runs that hold `samples` in order.
std::vector<SampleRun> sampleRuns(std::span<const Sample> samples);

/// How many runs sampleRuns() gives.
std::size_t countSampleRuns(std::span<const Sample> samples) noexcept;

/// Reads `samples` in order, without gaps, into `into`, which has just their size; few system calls where they lie
/// close together. Throws as SharedFile::read().
void readSamples(const SharedFile& file, std::span<const Sample> samples, std::span<std::byte> into);

}  // namespace playhouse::streaming
