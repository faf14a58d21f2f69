// Measures the memory that a server holds for connections that do nothing. See --help.

#include "ServerFigures.h"
#include "websockets/Connections.h"

#include <getopt.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr const char* usage =
    R"(Usage: idle-connections --url URL --server-pid PID [OPTION ...]

Opens connections to http://127.0.0.1:PORT/PATH, each of which has one GET answered, or with --websockets WebSockets;
waits, sees that all are still open, and prints one line of JSON with the memory that the server has taken for each.

  --websockets      WebSockets in place of kept-alive connections
  --count N         of them (10000)
  --sources N       loopback addresses they come from (10)
  --settle N        seconds of idleness before the memory is read (3)
)";

struct Options {
    websocket::Target target;
    int serverPid = 0;
    bool webSockets = false;
    std::size_t count = 10000;
    std::size_t sources = 10;
    int settleSeconds = 3;
};

Options parse(int count, char** arguments) {
    enum { Url = 1, ServerPid, WebSockets, Count, Sources, Settle, Help };
    static const std::array<option, 8> known{{{"url", required_argument, nullptr, Url},
                                              {"server-pid", required_argument, nullptr, ServerPid},
                                              {"websockets", no_argument, nullptr, WebSockets},
                                              {"count", required_argument, nullptr, Count},
                                              {"sources", required_argument, nullptr, Sources},
                                              {"settle", required_argument, nullptr, Settle},
                                              {"help", no_argument, nullptr, Help},
                                              {nullptr, 0, nullptr, 0}}};
    Options options;
    for (int found = 0; (found = ::getopt_long(count, arguments, "", known.data(), nullptr)) != -1;) {
        switch (found) {
            case Url:
                options.target = websocket::Target::parse(optarg);
                break;
            case ServerPid:
                options.serverPid = std::stoi(optarg);
                break;
            case WebSockets:
                options.webSockets = true;
                break;
            case Count:
                options.count = std::stoul(optarg);
                break;
            case Sources:
                options.sources = std::stoul(optarg);
                break;
            case Settle:
                options.settleSeconds = std::stoi(optarg);
                break;
            case Help:
                std::fputs(usage, stdout);
                std::exit(0);
            default:
                std::exit(2);
        }
    }
    if (optind != count || options.target.port == 0 || options.serverPid == 0) {
        std::fputs("idle-connections: --url and --server-pid are needed (see --help)\n", stderr);
        std::exit(2);
    }
    return options;
}

std::vector<websocket::Connection> open(const Options& options, std::size_t count) {
    return options.webSockets ? websocket::openWebSockets(options.target, count, options.sources)
                              : websocket::openKeptAlive(options.target, count, options.sources);
}

bool isOpen(const websocket::Connection& connection) {
    char byte = 0;
    const auto got = ::recv(connection.socket.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got < 0 && errno == EAGAIN);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const auto options = parse(count, arguments);
        const std::chrono::seconds settling(options.settleSeconds);
        websocket::raiseFileLimit();
        const ServerFigures server(options.serverPid);
        // What the first connections make a server allocate once is not counted.
        { const auto first = open(options, 100); }
        std::this_thread::sleep_for(settling);
        const auto before = server.residentBytes();
        const auto connections = open(options, options.count);
        std::this_thread::sleep_for(settling);
        const auto after = server.residentBytes();
        for (const auto& connection : connections)
            if (!isOpen(connection)) throw std::runtime_error("the server has closed a connection that was idle");
        const auto each = (after - before) / static_cast<std::int64_t>(connections.size());
        std::printf("{\"connections\":%zu,\"bytesBefore\":%lld,\"bytesAfter\":%lld,\"bytesPerConnection\":%lld}\n",
                    connections.size(), static_cast<long long>(before), static_cast<long long>(after),
                    static_cast<long long>(each));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "idle-connections: %s\n", error.what());
        return 1;
    }
}
