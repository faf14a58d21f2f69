#include "VideoFolder.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace playhouse::streaming {
namespace {

namespace fs = std::filesystem;

void run(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

void makeRendition(const fs::path& file, int height) {
    run("ffmpeg -v error -y -f lavfi -i testsrc=size=" + std::to_string(height * 16 / 9) + "x" +
        std::to_string(height) +
        ":rate=25 -f lavfi -i sine=frequency=1000:sample_rate=48000 -t 3 -c:v libx264 -preset ultrafast -pix_fmt "
        "yuv420p"
        " -g 25 -keyint_min 25 -sc_threshold 0 -c:a aac -ac 2 -b:a 64k -metadata:s:a:0 language=eng '" +
        file.string() + "' </dev/null");
}

/// The files, made at the first call.
const fs::path& masterFolder() {
    static const TemporaryFolder folder;
    static const bool isMade = [] {
        makeRendition(folder.path() / "72p.mp4", 72);
        makeRendition(folder.path() / "144p.mp4", 144);
        run("ffmpeg -v error -y -f lavfi -i sine=frequency=600:sample_rate=48000 -t 3 -c:a aac -ac 2 -b:a 64k '" +
            (folder.path() / "audio-es.m4a").string() + "' </dev/null");
        writeFile(folder.path() / "subtitles-en.vtt", "WEBVTT\n\n00:00.500 --> 00:01.500\nHello\n");
        writeFile(folder.path() / "video.json", R"({"title": "Test picture", "description": "Bars & tone"})");
        writeFile(folder.path() / "poster.jpg", "a poster");
        fs::create_directory(folder.path() / "thumbnails");
        writeFile(folder.path() / "thumbnails" / "thumbnails.json",
                  R"({"width": 16, "height": 9, "columns": 2, "rows": 1, "intervalSeconds": 1, "count": 3})");
        writeFile(folder.path() / "thumbnails" / "sprite-0.jpg", "sprite 0");
        writeFile(folder.path() / "thumbnails" / "sprite-1.jpg", "sprite 1");
        return true;
    }();
    static_cast<void>(isMade);
    return folder.path();
}

}  // namespace

void makeVideoFolder(const fs::path& folder) {
    // Whole at once, as the library asks for: first under a name that it passes over.
    const auto hidden = folder.parent_path() / ("." + folder.filename().string());
    fs::create_directories(folder.parent_path());
    fs::copy(masterFolder(), hidden, fs::copy_options::recursive);
    fs::rename(hidden, folder);
}

void writeFile(const fs::path& file, std::string_view content) {
    std::ofstream out(file, std::ios::binary);
    out << content;
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

TemporaryFolder::TemporaryFolder() {
    auto name = (fs::temp_directory_path() / "playhouse-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace playhouse::streaming
