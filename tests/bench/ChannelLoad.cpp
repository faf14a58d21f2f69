// Measures a server of WebSockets by fan-out: one publisher, many subscribers. See --help.

#include "FanOut.h"

#include <getopt.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

constexpr const char* usage =
    R"(Usage: channel-load --subscribe URL --publish URL --server-pid PID [OPTION ...]

Opens WebSockets to the first URL (ws://127.0.0.1:PORT/PATH) and one to the second, whose messages all of them are to
get, and prints one line of JSON: deliveries a second as fast as the server takes messages, its processor time for each,
and the latency at a fixed rate. Every delivery is compared byte by byte; one that is lost, doubled or out of order ends
the measurement with exit code 1.

  --subscribers N   WebSockets that receive (1000)
  --sources N       loopback addresses they come from (8)
  --size N          bytes of a message (200)
  --window N        messages under way at most (64)
  --seconds N       of each measurement, after one second to warm up (4)
  --rate N          deliveries a second of the second measurement (20000); 0 leaves it out
)";

struct Options {
    FanOutSettings fanOut;
    int serverPid = 0;
    double seconds = 4;
    double rate = 20000;
};

Options parse(int count, char** arguments) {
    enum { Subscribe = 1, Publish, ServerPid, Subscribers, Sources, Size, Window, Seconds, Rate, Help };
    static const std::array<option, 11> known{{{"subscribe", required_argument, nullptr, Subscribe},
                                               {"publish", required_argument, nullptr, Publish},
                                               {"server-pid", required_argument, nullptr, ServerPid},
                                               {"subscribers", required_argument, nullptr, Subscribers},
                                               {"sources", required_argument, nullptr, Sources},
                                               {"size", required_argument, nullptr, Size},
                                               {"window", required_argument, nullptr, Window},
                                               {"seconds", required_argument, nullptr, Seconds},
                                               {"rate", required_argument, nullptr, Rate},
                                               {"help", no_argument, nullptr, Help},
                                               {nullptr, 0, nullptr, 0}}};
    Options options;
    for (int found = 0; (found = ::getopt_long(count, arguments, "", known.data(), nullptr)) != -1;) {
        switch (found) {
            case Subscribe:
                options.fanOut.subscriber = websocket::Target::parse(optarg);
                break;
            case Publish:
                options.fanOut.publisher = websocket::Target::parse(optarg);
                break;
            case ServerPid:
                options.serverPid = std::stoi(optarg);
                break;
            case Subscribers:
                options.fanOut.subscribers = std::stoul(optarg);
                break;
            case Sources:
                options.fanOut.sources = std::stoul(optarg);
                break;
            case Size:
                options.fanOut.messageSize = std::stoul(optarg);
                break;
            case Window:
                options.fanOut.window = std::stoul(optarg);
                break;
            case Seconds:
                options.seconds = std::stod(optarg);
                break;
            case Rate:
                options.rate = std::stod(optarg);
                break;
            case Help:
                std::fputs(usage, stdout);
                std::exit(0);
            default:
                std::exit(2);
        }
    }
    if (optind != count || options.fanOut.subscriber.port == 0 || options.fanOut.publisher.port == 0 ||
        options.serverPid == 0) {
        std::fputs("channel-load: --subscribe, --publish and --server-pid are needed (see --help)\n", stderr);
        std::exit(2);
    }
    return options;
}

void printSaturated(const FanOutFigures& figures) {
    const auto deliveries = static_cast<double>(figures.deliveries);
    std::printf(
        "\"saturated\":{\"deliveriesPerSecond\":%.0f,\"serverMicrosecondsPerDelivery\":%.3f,"
        "\"clientMicrosecondsPerDelivery\":%.3f,\"clientLoad\":%.2f}",
        deliveries / figures.time.count(), figures.serverProcessorTime.count() * 1e6 / deliveries,
        figures.ownProcessorTime.count() * 1e6 / deliveries, figures.ownProcessorTime / figures.time);
}

void printLatencies(const FanOutFigures& figures) {
    const auto& sorted = figures.latencies;
    const auto milliseconds = [&](double share) {
        return sorted.empty() ? 0.0
                              : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))] / 1e3;
    };
    const auto deliveries = static_cast<double>(figures.deliveries);
    std::printf(
        ",\"fixedRate\":{\"deliveriesPerSecond\":%.0f,\"p50Milliseconds\":%.3f,\"p90Milliseconds\":%.3f,"
        "\"p99Milliseconds\":%.3f,\"maximumMilliseconds\":%.3f,\"serverMicrosecondsPerDelivery\":%.3f,"
        "\"clientMicrosecondsPerDelivery\":%.3f}",
        deliveries / figures.time.count(), milliseconds(0.5), milliseconds(0.9), milliseconds(0.99), milliseconds(1),
        figures.serverProcessorTime.count() * 1e6 / deliveries, figures.ownProcessorTime.count() * 1e6 / deliveries);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const auto options = parse(count, arguments);
        websocket::raiseFileLimit();
        const ServerFigures server(options.serverPid);
        FanOut fanOut(options.fanOut);
        const std::chrono::duration<double> measured(options.seconds);
        const auto subscribers = static_cast<double>(options.fanOut.subscribers);
        const auto saturated = fanOut.run({.measured = measured}, server);
        const auto fixedRate =
            options.rate > 0
                ? fanOut.run({.measured = measured, .messagesPerSecond = options.rate / subscribers}, server)
                : FanOutFigures();
        std::printf("{\"subscribers\":%zu,\"window\":%zu,", options.fanOut.subscribers, options.fanOut.window);
        printSaturated(saturated);
        if (options.rate > 0) printLatencies(fixedRate);
        std::puts("}");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "channel-load: %s\n", error.what());
        return 1;
    }
}
