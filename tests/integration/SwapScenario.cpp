#include "SwapScenario.h"

#include <cppunit/TestAssert.h>

#include <cstdlib>
#include <fstream>

namespace swap_scenario {

std::string streamingConfiguration() {
    return "plugin.streaming.enabled = true\n"
           "plugin.streaming.library = " PLAYHOUSE_BIN_DIRECTORY
           "/../lib/plugins/streaming.so\n"
           "plugin.streaming.segment-duration = 2 s\n";
}

void makeVideo(const ServerProcess& server) {
    const auto videos = server.socket().parent_path() / "videos";
    std::filesystem::create_directories(videos / ".load");
    const std::string command =
        "ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=30:duration=12 -f lavfi -i sine=duration=12 "
        "-c:v libx264 -preset ultrafast -g 60 -keyint_min 60 -sc_threshold 0 -pix_fmt yuv420p -c:a aac " +
        (videos / ".load/180p.mp4").string();
    CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 0, std::system(command.c_str()));
    std::filesystem::rename(videos / ".load", videos / "load");
}

std::vector<ExpectedPage> streamingPages(const ServerProcess& server) {
    std::vector<ExpectedPage> pages;
    for (const auto* path :
         {"/stream/hls/load/master.m3u8", "/stream/hls/load/180p/playlist.m3u8", "/stream/dash/load/manifest.mpd",
          "/stream/hls/load/180p/segment-1.ts", "/stream/cmaf/load/180p/segment-2.m4s", "/stream/progressive/load",
          "/stream/cmaf/load/audio-und/init.mp4"})
        pages.push_back({path, {HttpLoad::fetch(server.port(), path)}});
    return pages;
}

long residentKiB(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    return 0;
}

std::set<std::string> mappedGenerations(int pid, const std::string& plugin) {
    std::set<std::string> found;
    std::ifstream file("/proc/" + std::to_string(pid) + "/maps");
    for (std::string line; std::getline(file, line);) {
        const auto slash = line.find('/');
        if (slash == std::string::npos) continue;
        const std::filesystem::path path = line.substr(slash);
        if (path.filename().string().find("-" + plugin) != std::string::npos) found.insert(path.string());
    }
    return found;
}

}  // namespace swap_scenario
