#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

using namespace playhouse;
using namespace playhouse::tests;

/// What a plugin registers beside routes goes with its generation.
class RegistrationsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RegistrationsTest);
    CPPUNIT_TEST(servicesSwitchWithTheirPlugin);
    CPPUNIT_TEST(servicesAreThereAtEveryMomentOfASwap);
    CPPUNIT_TEST(tasksStopWithTheirGeneration);
    CPPUNIT_TEST(hostRoutesStayThroughEverything);
    CPPUNIT_TEST(aPluginMayNotTakeAHostRoute);
    CPPUNIT_TEST(tasksBegunAtTheEndNeverRun);
    CPPUNIT_TEST(aRouteDeclaredTooLateIsRefused);
    CPPUNIT_TEST(aServiceThatIsKeptKeepsItsVersionAlone);
    CPPUNIT_TEST(aThreadThatIsLeftKeepsItsLibrary);
    CPPUNIT_TEST(aThreadThatAHandlerLeavesKeepsItsLibrary);
    CPPUNIT_TEST_SUITE_END();

    static std::vector<Route> hostRoute(const std::string& path) {
        return {Route{Method::Get, path, Handler([](const Request&) { return Response::text("host"); }), {}}};
    }

public:
    void servicesSwitchWithTheirPlugin() {
        PluginHouse house;
        house.manager().startAll({configured("guest", "guest"), configured("greeter", "greeter-1")});
        CPPUNIT_ASSERT_EQUAL(std::string("heard: hello from 1.0.0"), house.get("/guest"));
        house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("heard: hello from 2.0.0"), house.get("/guest"));
        house.manager().disable("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("nobody greets"), house.get("/guest"));
        house.manager().enable("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("heard: hello from 1.0.0"), house.get("/guest"));
    }

    void servicesAreThereAtEveryMomentOfASwap() {
        PluginHouse house;
        house.manager().startAll({configured("guest", "guest"), configured("greeter", "greeter-1")});
        std::atomic<bool> stopping{false};
        std::atomic<int> heard{0};
        std::atomic<int> missed{0};
        std::thread client([&] {
            while (!stopping) house.get("/guest").starts_with("heard: ") ? ++heard : ++missed;
        });
        for (int count = 0; count < 50; ++count) {
            const auto before = heard + missed;
            house.manager().swap("greeter");
            eventually([&] { return heard + missed > before; });
        }
        stopping = true;
        client.join();
        CPPUNIT_ASSERT_EQUAL(0, missed.load());
        CPPUNIT_ASSERT(heard >= 50);
    }

    void tasksStopWithTheirGeneration() {
        PluginHouse house;
        house.manager().startAll({configured("ticker", "ticker")});
        // Past the fifth, which throws.
        CPPUNIT_ASSERT(eventually([&] { return std::stoi(house.get("/ticker")) > 10; }));
        for (int count = 0; count < 20; ++count)
            CPPUNIT_ASSERT(house.manager().swap("ticker").unloaded || librariesStayLoaded);
        CPPUNIT_ASSERT(eventually([&] { return std::stoi(house.get("/ticker")) > 2; }));
        house.manager().disable("ticker");
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("ticker").draining == 0; }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.statusOf("ticker").resident);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.mappedCopies() * (librariesStayLoaded ? 0 : 1));
    }

    void hostRoutesStayThroughEverything() {
        PluginHouse house;
        house.manager().addHostRoutes(hostRoute("/healthz"));
        CPPUNIT_ASSERT_EQUAL(std::string("host"), house.get("/healthz"));
        house.manager().startAll({configured("greeter", "greeter-1")});
        house.manager().swap("greeter");
        house.manager().disable("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("host"), house.get("/healthz"));
        house.manager().stopAll(std::chrono::seconds(30));
        CPPUNIT_ASSERT_EQUAL(std::string("host"), house.get("/healthz"));
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().enable("greeter"); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("STOPPED"));
    }

    void aPluginMayNotTakeAHostRoute() {
        PluginHouse house;
        house.manager().addHostRoutes(hostRoute("/greeter"));
        const auto failures = house.manager().startAll({configured("greeter", "greeter-1")});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        CPPUNIT_ASSERT_MESSAGE(failures[0], failures[0].find("\"host\" and \"greeter\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("host"), house.get("/greeter"));
    }

    void tasksBegunAtTheEndNeverRun() {
        PluginHouse house;
        house.manager().startAll({configured("leaky", "leaky", {{"leaks", "timers"}})});
        for (int count = 0; count < 20; ++count)
            CPPUNIT_ASSERT(house.manager().swap("leaky").unloaded || librariesStayLoaded);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/leaky"));
        const auto text = house.metrics().text();
        CPPUNIT_ASSERT_MESSAGE(text, text.find("fixture_late_ticks_total{plugin=\"leaky\"} 0") != std::string::npos);
    }

    void aRouteDeclaredTooLateIsRefused() {
        PluginHouse house;
        house.manager().startAll({configured("leaky", "leaky", {{"leaks", "route"}})});
        CPPUNIT_ASSERT_EQUAL(
            std::string("error: the route GET /leaky/late was declared outside of start(), or on another thread"),
            house.get("/leaky"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/leaky/late"));
        CPPUNIT_ASSERT(house.manager().swap("leaky").unloaded || librariesStayLoaded);
    }

    void aServiceThatIsKeptKeepsItsVersionAlone() {
        host::SwapSettings impatient;
        impatient.drainTimeout = std::chrono::milliseconds(100);
        impatient.reportPatience = std::chrono::milliseconds(100);
        PluginHouse house(impatient);
        house.manager().startAll(
            {configured("greeter", "greeter-1"), configured("leaky", "leaky", {{"leaks", "service"}})});
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/leaky"));
        CPPUNIT_ASSERT(!house.manager().swap("greeter", fixture("greeter-2")).unloaded);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("greeter").resident == 1; }));
        // It goes with the plugin that kept it.
        house.manager().disable("leaky");
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("greeter").resident == 0; }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, house.statusOf("leaky").resident);
    }

    void aThreadThatIsLeftKeepsItsLibrary() {
        PluginHouse house;
        house.manager().startAll(
            {configured("leaky", "leaky", {{"leaks", "thread"}, {"release", house.file("release").string()}})});
        CPPUNIT_ASSERT(!house.manager().swap("leaky").unloaded);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/leaky"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("leaky").resident == 1; }));
        house.manager().disable("leaky");
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("leaky").resident == 2; }));
        house.touch("release");
    }

    void aThreadThatAHandlerLeavesKeepsItsLibrary() {
        PluginHouse house;
        house.manager().startAll(
            {configured("leaky", "leaky", {{"leaks", "handler thread"}, {"release", house.file("release").string()}}),
             configured("greeter", "greeter-1")});
        std::promise<std::string> answered;
        CPPUNIT_ASSERT(house.workers().submit([&] { answered.set_value(house.get("/leaky")); }));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), answered.get_future().get());
        CPPUNIT_ASSERT(!house.manager().swap("leaky").unloaded);
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("leaky").resident == 1; }));
        // What began after it cannot be the one that runs it.
        CPPUNIT_ASSERT_EQUAL(!librariesStayLoaded, house.manager().swap("leaky").unloaded);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.statusOf("leaky").resident);
        house.touch("release");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RegistrationsTest);
