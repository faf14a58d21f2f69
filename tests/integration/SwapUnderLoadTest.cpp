#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int swaps = 10;
constexpr bool librariesAreUnloaded = false;
#else
constexpr int swaps = 200;
constexpr bool librariesAreUnloaded = true;
#endif
constexpr int connections = 64;

/// A client that keeps its connection, and takes nothing but a whole answer for one.
class LoadClient {
public:
    explicit LoadClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{60, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect");
    }
    ~LoadClient() { ::close(socket_); }
    LoadClient(const LoadClient&) = delete;
    LoadClient& operator=(const LoadClient&) = delete;

    /// The body of a 200 answer. Throws std::runtime_error for anything else.
    std::string get(const std::string& path) {
        const std::string request = "GET " + path + " HTTP/1.1\r\nHost: load\r\n\r\n";
        if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            throw std::runtime_error(path + ": the connection is closed");
        while (input_.find("\r\n\r\n") == std::string::npos) readMore(path);
        const auto head = input_.substr(0, input_.find("\r\n\r\n") + 4);
        if (!head.starts_with("HTTP/1.1 200 ")) throw std::runtime_error(path + ": " + head);
        const auto field = head.find("Content-Length: ");
        if (field == std::string::npos) throw std::runtime_error(path + ": no length: " + head);
        const auto size = std::stoul(head.substr(field + 16));
        while (input_.size() < head.size() + size) readMore(path);
        auto body = input_.substr(head.size(), size);
        input_.erase(0, head.size() + size);
        return body;
    }

private:
    void readMore(const std::string& path) {
        std::array<char, 65536> buffer{};
        const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (got <= 0) throw std::runtime_error(path + ": the answer was cut");
        input_.append(buffer.data(), static_cast<std::size_t>(got));
    }

    int socket_;
    std::string input_;
};

void makeVideo(const std::filesystem::path& videos) {
    std::filesystem::create_directories(videos / ".load");
    const std::string command =
        "ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=30:duration=12 -f lavfi -i sine=duration=12 "
        "-c:v libx264 -preset ultrafast -g 60 -keyint_min 60 -sc_threshold 0 -pix_fmt yuv420p -c:a aac " +
        (videos / ".load/180p.mp4").string();
    CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 0, std::system(command.c_str()));
    std::filesystem::rename(videos / ".load", videos / "load");
}

long residentKiB(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
    return 0;
}

/// The private copies of `plugin` that the process has mapped.
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

}  // namespace

class SwapUnderLoadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SwapUnderLoadTest);
    CPPUNIT_TEST(swapsLoseNoRequestAndLeaveNothingBehind);
    CPPUNIT_TEST_SUITE_END();

    void swapsLoseNoRequestAndLeaveNothingBehind() {
        ServerProcess server(
            "plugin.streaming.enabled = true\n"
            "plugin.streaming.library = " PLAYHOUSE_BIN_DIRECTORY
            "/../lib/plugins/streaming.so\n"
            "plugin.streaming.segment-duration = 2 s\n");
        makeVideo(server.socket().parent_path() / "videos");
        server.start();
        server.waitForLog("the video \"load\" can be streamed");

        const std::vector<std::string> paths{
            "/stream/hls/load/master.m3u8",         "/stream/hls/load/180p/playlist.m3u8",
            "/stream/dash/load/manifest.mpd",       "/stream/hls/load/180p/segment-1.ts",
            "/stream/cmaf/load/180p/segment-2.m4s", "/stream/progressive/load",
            "/stream/cmaf/load/audio-und/init.mp4"};
        std::vector<std::string> expected;
        {
            LoadClient client(server.port());
            for (const auto& path : paths) expected.push_back(client.get(path));
        }

        std::atomic<bool> stopping{false};
        std::atomic<long> answered{0};
        std::atomic<long> failed{0};
        std::mutex firstMutex;
        std::string firstFailure;
        std::vector<std::thread> clients;
        for (int number = 0; number < connections; ++number)
            clients.emplace_back([&, number] {
                try {
                    LoadClient client(server.port());
                    for (auto turn = static_cast<std::size_t>(number); !stopping; ++turn) {
                        const auto index = turn % paths.size();
                        if (client.get(paths[index]) != expected[index])
                            throw std::runtime_error(paths[index] + ": other bytes than before");
                        ++answered;
                    }
                } catch (const std::exception& problem) {
                    ++failed;
                    const std::lock_guard lock(firstMutex);
                    if (firstFailure.empty()) firstFailure = problem.what();
                }
            });

        long residentEarly = 0;
        std::string swapFailure;
        for (int swap = 1; swap <= swaps && swapFailure.empty(); ++swap) {
            const auto result = runProgram("playhousectl", server.control({"swap", "streaming"}));
            if (result.exitCode != 0) swapFailure = result.output + result.errors;
            if (swap == swaps / 4) residentEarly = residentKiB(server.pid());
        }
        const auto residentLate = residentKiB(server.pid());
        stopping = true;
        for (auto& client : clients) client.join();

        CPPUNIT_ASSERT_EQUAL(std::string(), swapFailure);
        CPPUNIT_ASSERT_EQUAL(std::string(), firstFailure);
        CPPUNIT_ASSERT_EQUAL(0L, failed.load());
        CPPUNIT_ASSERT(answered > 10L * connections);
        if (librariesAreUnloaded) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, mappedGenerations(server.pid(), "streaming").size());
            CPPUNIT_ASSERT_MESSAGE("resident memory grew from " + std::to_string(residentEarly) + " to " +
                                       std::to_string(residentLate) + " KiB",
                                   residentLate - residentEarly < 16 * 1024);
        }
        std::printf("  %d swaps, %ld requests, 0 failed; resident %ld KiB after %d swaps, %ld KiB at the end\n", swaps,
                    answered.load(), residentEarly, swaps / 4, residentLate);
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwapUnderLoadTest);
