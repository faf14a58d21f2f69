#include "HttpLoad.h"
#include "ServerProcess.h"
#include "SwapScenario.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <cstdio>
#include <string>

namespace {

constexpr int swaps = swap_scenario::isSanitized ? 10 : 200;
constexpr int connections = 64;

}  // namespace

class SwapUnderLoadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SwapUnderLoadTest);
    CPPUNIT_TEST(swapsLoseNoRequestAndLeaveNothingBehind);
    CPPUNIT_TEST_SUITE_END();

    void swapsLoseNoRequestAndLeaveNothingBehind() {
        ServerProcess server(swap_scenario::streamingConfiguration());
        swap_scenario::makeVideo(server);
        server.start();
        server.waitForLog("the video \"load\" can be streamed");

        HttpLoad load(server.port(), swap_scenario::streamingPages(server), connections);
        load.start();
        long residentEarly = 0;
        std::string swapFailure;
        for (int swap = 1; swap <= swaps && swapFailure.empty(); ++swap) {
            const auto result = runProgram("playhousectl", server.control({"swap", "streaming"}));
            if (result.exitCode != 0) swapFailure = result.output + result.errors;
            if (swap == swaps / 4) residentEarly = swap_scenario::residentKiB(server.pid());
        }
        const auto residentLate = swap_scenario::residentKiB(server.pid());
        load.finish();

        CPPUNIT_ASSERT_EQUAL(std::string(), swapFailure);
        CPPUNIT_ASSERT_EQUAL(std::string(), load.firstFailure());
        CPPUNIT_ASSERT_EQUAL(0L, load.failed());
        CPPUNIT_ASSERT(load.answered() > 10L * connections);
        if (!swap_scenario::isSanitized) {
            const auto mapped = swap_scenario::mappedGenerations(server.pid(), "streaming");
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, mapped.size());
            CPPUNIT_ASSERT_MESSAGE("resident memory grew from " + std::to_string(residentEarly) + " to " +
                                       std::to_string(residentLate) + " KiB",
                                   residentLate - residentEarly < 16 * 1024);
        }
        std::printf("  %d swaps, %ld requests, 0 failed; resident %ld KiB after %d swaps, %ld KiB at the end\n", swaps,
                    load.answered(), residentEarly, swaps / 4, residentLate);
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwapUnderLoadTest);
