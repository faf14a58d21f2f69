#include "HttpLoad.h"
#include "ServerProcess.h"
#include "SocketLoad.h"
#include "SwapScenario.h"

#include <cppunit/extensions/HelperMacros.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int connections = 64;

/// A number that the environment may set: what is short here is long where the promise is proved.
long fromEnvironment(const char* name, long fallback) {
    const auto* text = std::getenv(name);
    return text == nullptr ? fallback : std::stol(text);
}

/// What swaps of one plugin reported, in milliseconds.
struct SwapTimes {
    std::vector<double> total;
    std::vector<double> held;

    void print(const char* plugin) {
        std::sort(total.begin(), total.end());
        std::sort(held.begin(), held.end());
        const auto at = [](const std::vector<double>& sorted, double share) {
            return sorted.empty() ? 0.0
                                  : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
        };
        std::printf("  %zu swaps of %s: median %.1f ms, 99 %% %.1f ms, longest %.1f ms; held at most %.1f ms\n",
                    total.size(), plugin, at(total, 0.5), at(total, 0.99), at(total, 1), at(held, 1));
    }
};

}  // namespace

/// PLAYHOUSE_SWAPS sets how many swaps of each plugin there are, PLAYHOUSE_SWAP_PAUSE the milliseconds between two (0:
/// none, so that latency is that of a machine which does little else), PLAYHOUSE_SWAP_CALM for how many seconds latency
/// is measured before the first, and PLAYHOUSE_SWAP_REQUESTS how many requests a second the load makes (0: as many as
/// are answered, so that latency is that of a server without a moment's rest).
class SwapUnderSocketsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SwapUnderSocketsTest);
    CPPUNIT_TEST(swapsLoseNoRequestNoSocketAndNoMessage);
    CPPUNIT_TEST_SUITE_END();

    const long swaps_ = fromEnvironment("PLAYHOUSE_SWAPS", swap_scenario::isSanitized ? 5 : 25);
    const std::chrono::milliseconds pause_{fromEnvironment("PLAYHOUSE_SWAP_PAUSE", 0)};
    const long calmSeconds_ = fromEnvironment("PLAYHOUSE_SWAP_CALM", 2);
    const long requestsPerSecond_ = fromEnvironment("PLAYHOUSE_SWAP_REQUESTS", 0);

    /// Swaps `plugin` by its configured library, or by `library`; what went wrong, or nothing.
    static std::string swap(const ServerProcess& server, SwapTimes& times, const std::string& plugin,
                            const std::string& library = {}) {
        std::vector<std::string> words{"--json", "swap", plugin};
        if (!library.empty()) words.push_back(library);
        const auto result = runProgram("playhousectl", server.control(words));
        if (result.exitCode != 0) return result.output + result.errors;
        const auto answer = boost::json::parse(result.output);
        const auto& report = answer.as_object().contains("data") ? answer.at("data") : answer;
        times.total.push_back(report.at("totalMilliseconds").to_number<double>());
        times.held.push_back(report.at("heldMilliseconds").to_number<double>());
        return {};
    }

    void swapsLoseNoRequestNoSocketAndNoMessage() {
        const std::string echo = PLAYHOUSE_FIXTURES "/echo-";
        ServerProcess server(swap_scenario::streamingConfiguration() +
                             "plugin.echo.enabled = true\nplugin.echo.library = " + echo + "1.so\n");
        swap_scenario::makeVideo(server);
        server.start();
        server.waitForLog("the video \"load\" can be streamed");

        auto pages = swap_scenario::streamingPages(server);
        pages.push_back({"/echo/version", {"1.0.0", "2.0.0"}});
        HttpLoad load(server.port(), std::move(pages), connections, requestsPerSecond_);
        SocketLoad sockets(server.port(), {});
        load.start();
        sockets.start();
        CPPUNIT_ASSERT_MESSAGE("no messages before the first swap", sockets.waitForMessages(2 * sockets.open()));
        std::this_thread::sleep_for(std::chrono::seconds(calmSeconds_));
        const auto receivedBefore = sockets.received();
        load.nextPhase();

        SwapTimes streamingTimes;
        SwapTimes echoTimes;
        long residentEarly = 0;
        std::string swapFailure;
        for (long turn = 1; turn <= swaps_ && swapFailure.empty(); ++turn) {
            swapFailure = swap(server, streamingTimes, "streaming");
            std::this_thread::sleep_for(pause_);
            if (swapFailure.empty())
                swapFailure = swap(server, echoTimes, "echo", echo + (turn % 2 == 1 ? "2.so" : "1.so"));
            std::this_thread::sleep_for(pause_);
            if (turn == 100) residentEarly = swap_scenario::residentKiB(server.pid());
        }
        const auto residentLate = swap_scenario::residentKiB(server.pid());
        load.finish();
        sockets.finish();

        CPPUNIT_ASSERT_EQUAL(std::string(), swapFailure);
        CPPUNIT_ASSERT_EQUAL(std::string(), load.firstFailure());
        for (const auto& failure : sockets.failures()) std::printf("  %s\n", failure.c_str());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, sockets.failures().size());
        CPPUNIT_ASSERT(load.answered() > connections);
        CPPUNIT_ASSERT_MESSAGE("no messages while swaps went on", sockets.received() - receivedBefore > sockets.open());
        // The count in memory went from version to version with nothing lost or doubled.
        CPPUNIT_ASSERT_EQUAL(std::to_string(sockets.echoed()), server.get("/echo/count").body);

        std::printf("  %ld requests and %llu messages on %zu channels: 0 failed, closed, lost, doubled or reordered\n",
                    load.answered(), static_cast<unsigned long long>(sockets.received()), sockets.open());
        streamingTimes.print("streaming");
        echoTimes.print("echo");
        std::printf("  latency of requests, 99 %%: %.1f ms without swaps, %.1f ms with\n",
                    static_cast<double>(load.latency(0, 0.99).count()) / 1000,
                    static_cast<double>(load.latency(1, 0.99).count()) / 1000);
        if (residentEarly != 0)
            std::printf("  resident %ld KiB after 100 swaps of each, %ld KiB after %ld\n", residentEarly, residentLate,
                        swaps_);
        if (!swap_scenario::isSanitized) {
            for (const auto* plugin : {"streaming", "echo"})
                CPPUNIT_ASSERT_EQUAL(std::size_t{1}, swap_scenario::mappedGenerations(server.pid(), plugin).size());
            if (swaps_ >= 200)
                CPPUNIT_ASSERT_MESSAGE("resident memory grew from " + std::to_string(residentEarly) + " to " +
                                           std::to_string(residentLate) + " KiB",
                                       residentLate - residentEarly < 5 * 1024);
        }
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwapUnderSocketsTest);
