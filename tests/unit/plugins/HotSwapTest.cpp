#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::tests;

/// A swap loses no request, and leaves nothing of the old version behind.
class HotSwapTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HotSwapTest);
    CPPUNIT_TEST(newVersionAnswersAfterTheSwap);
    CPPUNIT_TEST(sameFileRebuiltInPlaceIsReadAfresh);
    CPPUNIT_TEST(twoHundredSwapsLoseNoRequest);
    CPPUNIT_TEST(oldLibrariesLeaveMemoryAndDisk);
    CPPUNIT_TEST(stateMovesToTheNewVersion);
    CPPUNIT_TEST(noChangeOfStateIsLostWhileRequestsKeepComing);
    CPPUNIT_TEST(unreadableStateKeepsTheOldVersionWithItsState);
    CPPUNIT_TEST(tooLargeStateKeepsTheOldVersion);
    CPPUNIT_TEST(metricsCountSwapsAndGenerations);
    CPPUNIT_TEST_SUITE_END();

    /// Keeps asking on several threads for as long as it lives.
    class Load {
    public:
        Load(const PluginHouse& house, Method method, const std::string& path, const std::string& expected) {
            for (int index = 0; index < 3; ++index)
                threads_.emplace_back([this, &house, method, path, expected] {
                    while (!stopping_) {
                        const auto answer = house.ask(method, path);
                        ++answered_;
                        if (answer.find(expected) == std::string::npos) ++failed_;
                        // As many threads as here would else starve the swap on a small machine.
                        if (answered_ % 64 == 0) Poco::Thread::sleep(1);
                    }
                });
        }

        int stop() {
            stopping_ = true;
            for (auto& thread : threads_) thread.join();
            return answered_;
        }

        int answered() const { return answered_; }
        int failed() const { return failed_; }

    private:
        std::atomic<bool> stopping_{false};
        std::atomic<int> answered_{0};
        std::atomic<int> failed_{0};
        std::vector<std::thread> threads_;
    };

public:
    void newVersionAnswersAfterTheSwap() {
        PluginHouse house;
        CPPUNIT_ASSERT(house.manager().startAll({configured("greeter", "greeter-1")}).empty());
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0, Ada"), house.get("/greeter/Ada"));

        const auto report = house.manager().swap("greeter", fixture("greeter-2"));

        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), report.fromVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), report.toVersion);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, report.fromGeneration);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, report.toGeneration);
        CPPUNIT_ASSERT(report.held.count() == 0);
        CPPUNIT_ASSERT(report.unloaded || librariesStayLoaded);
        const auto status = house.statusOf("greeter");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, status.swaps);
        CPPUNIT_ASSERT_EQUAL(fixture("greeter-2"), status.library);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, status.routes.size());
        CPPUNIT_ASSERT_EQUAL(std::string("GET /greeter"), status.routes[0]);
    }

    void sameFileRebuiltInPlaceIsReadAfresh() {
        PluginHouse house;
        const auto library = house.file("greeter.so");
        std::filesystem::copy_file(fixture("greeter-1"), library);
        auto configuration = configured("greeter", "");
        configuration.library = library;
        house.manager().startAll({configuration});
        std::filesystem::copy_file(fixture("greeter-2"), library, std::filesystem::copy_options::overwrite_existing);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));

        house.manager().swap("greeter");

        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void twoHundredSwapsLoseNoRequest() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        Load load(house, Method::Get, "/greeter/you", "hello from ");
        for (int count = 0; count < 200; ++count) {
            const auto before = load.answered();
            house.manager().swap("greeter", fixture(count % 2 == 0 ? "greeter-2" : "greeter-1"));
            eventually([&] { return load.answered() > before; });
        }
        const auto answered = load.stop();
        CPPUNIT_ASSERT(answered >= 200);
        CPPUNIT_ASSERT_EQUAL(0, load.failed());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{200}, house.statusOf("greeter").swaps);
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("greeter").draining == 0; }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.statusOf("greeter").resident);
        if (!librariesStayLoaded) CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.mappedCopies());
    }

    void oldLibrariesLeaveMemoryAndDisk() {
        if (librariesStayLoaded) return;
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1"), configured("counter", "counter-1")});
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.mappedCopies());
        for (int count = 0; count < 5; ++count) {
            house.get("/greeter/you");
            CPPUNIT_ASSERT(house.manager().swap("greeter").unloaded);
            CPPUNIT_ASSERT(house.manager().swap("counter").unloaded);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.mappedCopies());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, house.copies());
        CPPUNIT_ASSERT(house.manager().stopAll(std::chrono::seconds(30)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.mappedCopies());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.copies());
    }

    void stateMovesToTheNewVersion() {
        PluginHouse house;
        house.manager().startAll({configured("counter", "counter-1")});
        for (int count = 0; count < 3; ++count) house.ask(Method::Post, "/counter");
        const auto report = house.manager().swap("counter", fixture("counter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("3 in 2.0.0"), house.get("/counter"));
        CPPUNIT_ASSERT(report.held.count() > 0);
        CPPUNIT_ASSERT(report.held <= report.total);
    }

    void noChangeOfStateIsLostWhileRequestsKeepComing() {
        PluginHouse house;
        house.manager().startAll({configured("counter", "counter-1")});
        Load load(house, Method::Post, "/counter", "");
        for (int count = 0; count < 40; ++count) {
            const auto before = load.answered();
            house.manager().swap("counter", fixture(count % 2 == 0 ? "counter-2" : "counter-1"));
            eventually([&] { return load.answered() > before; });
        }
        const auto answered = load.stop();
        CPPUNIT_ASSERT_EQUAL(std::to_string(answered) + " in 1.0.0", house.get("/counter"));
    }

    void unreadableStateKeepsTheOldVersionWithItsState() {
        PluginHouse house;
        house.manager().startAll({configured("counter", "counter-1")});
        house.ask(Method::Post, "/counter");
        const auto refusal =
            PluginHouse::refusalOf([&] { house.manager().swap("counter", fixture("counter-other-schema")); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("STATE_REFUSED"));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("state of schema 1, only 2 can be read") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), house.ask(Method::Post, "/counter"));
        CPPUNIT_ASSERT_EQUAL(std::string("2 in 1.0.0"), house.get("/counter"));
    }

    void tooLargeStateKeepsTheOldVersion() {
        host::SwapSettings settings;
        settings.maximumStateSize = 1000;
        PluginHouse house(settings);
        house.manager().startAll({configured("counter", "counter-1", {{"padding", "2000"}})});
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("counter"); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("STATE_REFUSED"));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("swap.maximum-state-size = 1000") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), house.get("/counter"));
    }

    void metricsCountSwapsAndGenerations() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        house.manager().swap("greeter");
        PluginHouse::refusalOf([&] { house.manager().swap("greeter", fixture("no-plugin")); });
        const auto text = house.metrics().text();
        for (const auto* line : {"playhouse_plugin_generations{plugin=\"greeter\",state=\"serving\"} 1",
                                 "playhouse_plugin_swaps_total{outcome=\"published\",plugin=\"greeter\"} 1",
                                 "playhouse_plugin_swaps_total{outcome=\"LIBRARY_REFUSED\",plugin=\"greeter\"} 1",
                                 "playhouse_plugin_swap_seconds_count{plugin=\"greeter\"} 1",
                                 "fixture_greeter_starts_total{plugin=\"greeter\"} 2"})
            CPPUNIT_ASSERT_MESSAGE(text, text.find(line) != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HotSwapTest);
