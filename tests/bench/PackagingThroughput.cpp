// How fast segments are packaged from the page cache, on one core.
//
//   packaging-throughput FILE.mp4 [SECONDS]
//
// Prints a line for each track and format: MB (1,000,000 bytes) of segment a second, and microseconds a segment.

#include "CommonMedia.h"
#include "MediaIndex.h"
#include "Segmentation.h"
#include "TransportStream.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

using namespace playhouse;
using namespace playhouse::streaming;

namespace {

using Clock = std::chrono::steady_clock;

/// Packages segments in turn until `time` has passed.
void measure(const char* format, const char* kind, std::size_t segments, std::chrono::duration<double> time,
             const std::function<std::uint64_t(std::size_t)>& package) {
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    const auto began = Clock::now();
    std::chrono::duration<double> took{};
    do {
        bytes += package(count++ % segments);
        took = Clock::now() - began;
    } while (took < time);
    std::printf("%-5s %-6s %8.0f MB/s %8.1f us/segment of %.0f KB\n", kind, format,
                static_cast<double>(bytes) / took.count() / 1e6, took.count() / static_cast<double>(count) * 1e6,
                static_cast<double>(bytes) / static_cast<double>(count) / 1e3);
}

/// Reads what a connection would hand to its socket.
std::uint64_t drain(const Body& body, std::vector<std::byte>& into) {
    std::uint64_t total = 0;
    if (auto* source = body.source()) {
        while (const auto count = source->read(into)) total += count;
        return total;
    }
    for (const auto& part : body.parts()) {
        if (const auto* range = std::get_if<FileRange>(&part))
            for (std::uint64_t done = 0; done < range->size;) {
                const auto count = std::min<std::uint64_t>(range->size - done, into.size());
                range->file.read(range->offset + done, into.data(), static_cast<std::size_t>(count));
                done += count;
            }
        total += sizeOf(part);
    }
    return total;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::fprintf(stderr, "Usage: %s FILE.mp4 [SECONDS]\n", arguments[0]);
        return 2;
    }
    try {
        const std::chrono::duration<double> time(count > 2 ? std::atof(arguments[2]) : 2);
        const std::chrono::milliseconds target(2000);
        const auto media = indexMedia(arguments[1]);
        std::vector<std::byte> span(128 * 1024);
        for (const auto& indexed : media.tracks) {
            const auto track = std::make_shared<const Track>(indexed);
            const bool isVideo = track->kind == TrackKind::Video;
            const auto* kind = isVideo ? "video" : "audio";
            const auto segments = isVideo ? segmentVideo(*track, target) : segmentAudio(*track, target);
            const auto transport = TransportStreamPackager::make(media.file, track, segments);
            const CommonMediaPackager common(media.file, track, segments);
            measure("TS", kind, segments.size(), time,
                    [&](std::size_t index) { return drain(Body(transport->segment(index)), span); });
            measure("CMAF", kind, segments.size(), time,
                    [&](std::size_t index) { return *common.segment(index).size(); });
            measure("CMAF+", kind, segments.size(), time,
                    [&](std::size_t index) { return drain(common.segment(index), span); });
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
