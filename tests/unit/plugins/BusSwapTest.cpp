#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::tests;

/// Messages of the bus reach one version of a plugin or the next, each once.
class BusSwapTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BusSwapTest);
    CPPUNIT_TEST(aPluginHearsAndPublishesWhileItServes);
    CPPUNIT_TEST(swapsWithoutStateLoseAndDoubleNoMessage);
    CPPUNIT_TEST(swapsWithStateLoseAndDoubleNoMessage);
    CPPUNIT_TEST(aRefusedSwapLeavesTheMessagesToTheOldVersion);
    CPPUNIT_TEST_SUITE_END();

    /// What the plugin wrote down: "<message> <version>", a line each.
    static std::vector<std::string> journalOf(const PluginHouse& house) {
        std::vector<std::string> lines;
        std::ifstream file(house.file("journal"));
        for (std::string line; std::getline(file, line);) lines.push_back(line);
        return lines;
    }

    static host::PluginConfiguration listener(const PluginHouse& house, bool keepsState) {
        return configured(
            "listener", "listener-1",
            {{"journal", house.file("journal").string()}, {"keeps-state", keepsState ? "true" : "false"}});
    }

    static void swapUnderLoad(bool keepsState) {
        host::SwapSettings settings;
        settings.probation = std::chrono::milliseconds(0);
        PluginHouse house(settings);
        CPPUNIT_ASSERT(house.manager().startAll({listener(house, keepsState)}).empty());
        std::atomic<bool> stopping{false};
        std::atomic<int> published{0};
        std::thread publisher([&] {
            while (!stopping) {
                house.bus().publish("fixture.news", std::to_string(published++), WhenAway::Local);
                if (published % 16 == 0) Poco::Thread::sleep(1);
            }
        });
        constexpr int swaps = 20;
        for (int swap = 0; swap < swaps; ++swap)
            house.manager().swap("listener", fixture(swap % 2 == 0 ? "listener-2" : "listener-1"));
        stopping = true;
        publisher.join();
        const auto count = static_cast<std::size_t>(published);
        CPPUNIT_ASSERT(eventually([&] { return journalOf(house).size() >= count; }));
        auto heard = journalOf(house);
        CPPUNIT_ASSERT_EQUAL(count, heard.size());
        std::vector<bool> seen(count);
        std::size_t byTheSecond = 0;
        for (const auto& line : heard) {
            const auto number = static_cast<std::size_t>(std::stoul(line));
            CPPUNIT_ASSERT_MESSAGE(line, !seen.at(number));
            seen[number] = true;
            if (line.ends_with("2.0.0")) ++byTheSecond;
        }
        CPPUNIT_ASSERT(byTheSecond > 0 && byTheSecond < count);
        if (keepsState)
            CPPUNIT_ASSERT_EQUAL(std::to_string(count) + " heard by 1.0.0, 0 published", house.get("/listener"));
    }

public:
    void aPluginHearsAndPublishesWhileItServes() {
        PluginHouse house;
        CPPUNIT_ASSERT(house.manager().startAll({listener(house, false)}).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("published"), house.ask(Method::Post, "/listener"));
        CPPUNIT_ASSERT(eventually([&] { return journalOf(house).size() == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("1 heard by 1.0.0, 1 published"), house.get("/listener"));
        house.manager().disable("listener");
        house.bus().publish("fixture.news", "nobody", WhenAway::Local);
        house.manager().enable("listener");
        house.bus().publish("fixture.news", "again", WhenAway::Local);
        CPPUNIT_ASSERT(eventually([&] { return journalOf(house).size() >= 2; }));
        CPPUNIT_ASSERT_EQUAL(std::string("again 1.0.0"), journalOf(house).back());
        // What a plugin cached outlives it.
        CPPUNIT_ASSERT_EQUAL(std::string("1 heard by 1.0.0, 1 published"), house.get("/listener"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, journalOf(house).size());
    }

    void swapsWithoutStateLoseAndDoubleNoMessage() { swapUnderLoad(false); }

    void swapsWithStateLoseAndDoubleNoMessage() { swapUnderLoad(true); }

    void aRefusedSwapLeavesTheMessagesToTheOldVersion() {
        PluginHouse house;
        CPPUNIT_ASSERT(house.manager().startAll({listener(house, true)}).empty());
        PluginHouse::refusalOf([&] { house.manager().swap("listener", fixture("greeter-1")); });
        house.bus().publish("fixture.news", "still here", WhenAway::Local);
        CPPUNIT_ASSERT(eventually([&] { return journalOf(house).size() == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("still here 1.0.0"), journalOf(house).front());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BusSwapTest);
