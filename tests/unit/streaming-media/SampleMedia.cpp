#include "SampleMedia.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace playhouse::streaming::test {
namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
    auto name = (fs::temp_directory_path() / "playhouse-media-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary directory: " + name);
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

fs::path TemporaryDirectory::write(std::string_view name, std::string_view content) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return path;
}

std::string run(const std::string& command) {
    auto* pipe = ::popen((command + " 2>&1 < /dev/null").c_str(), "r");
    if (!pipe) throw std::runtime_error("cannot run " + command);
    std::string output;
    std::array<char, 4096> chunk{};
    while (const auto count = std::fread(chunk.data(), 1, chunk.size(), pipe)) output.append(chunk.data(), count);
    const int status = ::pclose(pipe);
    if (status != 0) output += "\n(exit status " + std::to_string(WEXITSTATUS(status)) + " of " + command + ")";
    return output;
}

std::string decode(const fs::path& media) {
    return run("ffmpeg -nostdin -v warning -xerror -i " + media.string() + " -map 0 -f null -");
}

std::vector<ProbedPacket> probe(const fs::path& media, std::string_view stream) {
    std::istringstream lines(run("ffprobe -v error -select_streams " + std::string(stream) +
                                 " -show_entries packet=pts,dts,size -of csv=p=0 " + media.string()));
    std::vector<ProbedPacket> packets;
    for (std::string line; std::getline(lines, line);) {
        ProbedPacket packet;
        char comma = 0;
        if (std::istringstream(line) >> packet.presentationTime >> comma >> packet.decodeTime >> comma >> packet.size)
            packets.push_back(packet);
    }
    return packets;
}

int countFrames(const fs::path& media) {
    return std::atoi(run("ffprobe -v quiet -count_frames -select_streams v:0 -show_entries stream=nb_read_frames "
                         "-of csv=p=0 " +
                         media.string())
                         .c_str());
}

std::string readFile(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string bytesOf(const Body& body, std::size_t step) {
    std::string bytes;
    if (auto* source = body.source()) {
        std::vector<std::byte> span(step);
        while (const auto count = source->read(span)) bytes.append(reinterpret_cast<const char*>(span.data()), count);
        return bytes;
    }
    for (const auto& part : body.parts()) {
        if (const auto* buffer = std::get_if<SharedBuffer>(&part)) {
            bytes += buffer->text();
        } else {
            const auto& range = std::get<FileRange>(part);
            std::string read(range.size, '\0');
            range.file.read(range.offset, read.data(), read.size());
            bytes += read;
        }
    }
    return bytes;
}

std::vector<SegmentedTrack> segmented(const fs::path& media, std::chrono::milliseconds target) {
    const auto file = indexMedia(media);
    std::vector<SegmentedTrack> tracks;
    for (const auto& track : file.tracks)
        tracks.push_back({file.file, std::make_shared<const Track>(track),
                          track.kind == TrackKind::Video ? segmentVideo(track, target) : segmentAudio(track, target)});
    return tracks;
}

namespace sample {
namespace {

fs::path make(const std::string& name, const std::string& arguments) {
    static const TemporaryDirectory directory;
    const auto path = directory.path() / name;
    const auto problem = run("ffmpeg -nostdin -v error -threads 2 " + arguments + " " + path.string());
    if (!problem.empty()) throw std::runtime_error(problem);
    return path;
}

std::string picture(const std::string& size, const std::string& rate) {
    return "-f lavfi -i testsrc2=duration=7:size=" + size + ":rate=" + rate;
}

std::string encode(int keyInterval, const std::string& more = "") {
    return " -c:v libx264 -preset veryfast -bf 3 -pix_fmt yuv420p -x264-params keyint=" + std::to_string(keyInterval) +
           ":min-keyint=" + std::to_string(keyInterval) + ":scenecut=0" + more + " ";
}

}  // namespace

const fs::path& thirtyFrames() {
    static const auto path =
        make("thirty.mp4",
             picture("320x180", "30") +
                 " -f lavfi -i sine=440:sample_rate=48000:duration=7"
                 " -f lavfi -i sine=880:sample_rate=44100:duration=7 -map 0 -map 1 -map 2" +
                 encode(30) + "-c:a aac -ac:a:0 2 -ac:a:1 1 -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger");
    return path;
}

const fs::path& broadcastFrames() {
    static const auto path = make("broadcast.mp4", picture("320x180", "30000/1001") + encode(30, ":aud=1") +
                                                       "-color_primaries bt709 -color_trc bt709 -colorspace bt709");
    return path;
}

const fs::path& portrait() {
    static const auto path = make("portrait.mp4", picture("180x320", "25") + encode(50));
    return path;
}

const fs::path& slides() {
    static const auto path = make("slides.mp4", picture("320x180", "2") + encode(2));
    return path;
}

const fs::path& frenchAudio() {
    static const auto path = make("french.m4a",
                                  "-f lavfi -i sine=660:sample_rate=44100:duration=7 -c:a aac -ac 2"
                                  " -metadata:s:a:0 language=fra");
    return path;
}

std::vector<fs::path> all() {
    return {thirtyFrames(), broadcastFrames(), portrait(), slides(), frenchAudio()};
}

}  // namespace sample
}  // namespace playhouse::streaming::test
