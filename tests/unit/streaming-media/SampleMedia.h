#pragma once

#include "MediaIndex.h"
#include "Segmentation.h"

#include <playhouse/Body.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace playhouse::streaming::test {

/// A directory of its own that goes with this.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    const std::filesystem::path& path() const noexcept { return path_; }

    /// Writes `content` to a file of that name, and returns its path.
    std::filesystem::path write(std::string_view name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

/// Media made by ffmpeg, once in a run, and removed at its end. Each has a video of 7 s with B-frames and a key frame a
/// second, unless its name says otherwise.
namespace sample {
const std::filesystem::path& thirtyFrames();     ///< 30 fps; English stereo at 48 kHz, German mono at 44.1 kHz
const std::filesystem::path& broadcastFrames();  ///< 30000/1001 fps, access unit delimiters, no audio
const std::filesystem::path& portrait();         ///< 25 fps, 9:16, a timescale of 12800, key frames every 2 s
const std::filesystem::path& slides();           ///< 2 fps, so that clocks are needed between pictures
const std::filesystem::path& frenchAudio();      ///< an M4A of stereo at 44.1 kHz
std::vector<std::filesystem::path> all();
}  // namespace sample

/// Runs `command` by the shell, and returns what it writes to both streams, and its failure, as text; empty when it is
/// content and silent.
std::string run(const std::string& command);

/// As run(), of ffmpeg decoding `media` strictly.
std::string decode(const std::filesystem::path& media);

/// A packet that ffprobe sees.
struct ProbedPacket {
    std::int64_t presentationTime = 0;
    std::int64_t decodeTime = 0;
    std::int64_t size = 0;
    bool operator==(const ProbedPacket&) const = default;
};
std::vector<ProbedPacket> probe(const std::filesystem::path& media, std::string_view stream = "0");

/// How many frames ffmpeg decodes.
int countFrames(const std::filesystem::path& media);

std::string readFile(const std::filesystem::path& path);

/// All bytes of `body`, a source being read by spans of `step` bytes.
std::string bytesOf(const Body& body, std::size_t step = 64 * 1024);

/// A track with its segments of two seconds.
struct SegmentedTrack {
    SharedFile file;
    std::shared_ptr<const Track> track;
    std::vector<Segment> segments;
};
std::vector<SegmentedTrack> segmented(const std::filesystem::path& media,
                                      std::chrono::milliseconds target = std::chrono::seconds(2));

}  // namespace playhouse::streaming::test
