#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <thread>

using namespace playhouse;
using namespace playhouse::tests;

/// Whatever a plugin does wrong, the version before serves on, and other plugins do not notice.
class ContainmentTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ContainmentTest);
    CPPUNIT_TEST(whatAPluginThrowsBecomesAMessage);
    CPPUNIT_TEST(aRefusedGenerationLeavesNothingBehind);
    CPPUNIT_TEST(aCollisionNamesBothPlugins);
    CPPUNIT_TEST(aPluginThatFailsToStartStopsNobodyElse);
    CPPUNIT_TEST(aHungStartIsKeptUntilItReturns);
    CPPUNIT_TEST(aHungHandlerKeepsItsLibrary);
    CPPUNIT_TEST(requestsThatDoNotEndRefuseAMoveOfState);
    CPPUNIT_TEST(aHungSaveOfStateKeepsTheOldVersionServing);
    CPPUNIT_TEST_SUITE_END();

    static host::SwapSettings impatient() {
        host::SwapSettings settings;
        settings.startTimeout = std::chrono::milliseconds(300);
        settings.holdTimeout = std::chrono::milliseconds(300);
        settings.drainTimeout = std::chrono::milliseconds(100);
        settings.reportPatience = std::chrono::milliseconds(100);
        return settings;
    }

    static void expectRefusal(PluginHouse& house, const std::string& library, const std::string& beginning,
                              const std::string& part) {
        auto next = configured("faulty", library);
        const auto refusal = PluginHouse::refusalOf([&] {
            house.manager().reconfigure({configured("greeter", "greeter-1"), next});
        });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with(beginning));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find(part) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("503 faulty"), house.get("/faulty"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

public:
    void whatAPluginThrowsBecomesAMessage() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        expectRefusal(house, "throwing-constructor", "START_FAILED", "its constructor: no object today");
        expectRefusal(house, "throwing-start", "START_FAILED", "start(): the key store cannot be reached");
        expectRefusal(house, "foreign-exception", "START_FAILED", "no std::exception");
        expectRefusal(house, "unhealthy", "UNHEALTHY", "the disk is full");
        expectRefusal(house, "bad-pattern", "START_FAILED", "/faulty/{");
        expectRefusal(house, "twice-declared", "START_FAILED", "GET /faulty is declared twice");
    }

    void aRefusedGenerationLeavesNothingBehind() {
        if (librariesStayLoaded) return;
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        for (const auto* library : {"throwing-constructor", "throwing-start", "unhealthy", "colliding-route"})
            PluginHouse::refusalOf([&] {
                house.manager().reconfigure({configured("greeter", "greeter-1"), configured("faulty", library)});
            });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.mappedCopies());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.copies());
    }

    void aCollisionNamesBothPlugins() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        expectRefusal(house, "colliding-route", "ROUTE_COLLISION", "\"greeter\" and \"faulty\"");
        expectRefusal(house, "colliding-service", "SERVICE_COLLISION", "playhouse.test-greeting/1");
    }

    void aPluginThatFailsToStartStopsNobodyElse() {
        PluginHouse house;
        const auto failures =
            house.manager().startAll({configured("faulty", "throwing-start"), configured("greeter", "greeter-1"),
                                      configured("counter", "counter-1")});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), house.get("/counter"));
        CPPUNIT_ASSERT_EQUAL(std::string("503 faulty"), house.get("/faulty/any/path"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/nowhere"));
    }

    void aHungStartIsKeptUntilItReturns() {
        PluginHouse house(impatient());
        house.manager().startAll({configured("waiting", "waiting-1")});
        const auto hanging = configured("waiting", "waiting-2", {{"start-file", house.file("go").string()}});

        const auto refusal = PluginHouse::refusalOf([&] { house.manager().reconfigure({hanging}); });

        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("START_TIMEOUT"));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("swap.start-timeout = 300 ms") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("waiting").resident == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        // What is configured otherwise goes on meanwhile.
        house.manager().reconfigure({configured("waiting", "waiting-1")});
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().swap("waiting").toVersion);

        house.touch("go");
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("waiting").resident == 0; }));
        if (!librariesStayLoaded) CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.mappedCopies());
    }

    void aHungHandlerKeepsItsLibrary() {
        PluginHouse house(impatient());
        house.manager().startAll({configured("waiting", "waiting-1", {{"handler-file", house.file("go").string()}})});
        std::string answer;
        std::thread client([&] { answer = house.get("/waiting/handler"); });
        // A swap waits for nobody: the handler may run in the one version or the next, so look until it is inside.
        std::size_t resident = 0;
        CPPUNIT_ASSERT(eventually([&] {
            const auto report = house.manager().swap("waiting", fixture("waiting-2"));
            if (!report.unloaded && !librariesStayLoaded) resident = 1;
            return resident == 1 || house.statusOf("waiting").draining + house.statusOf("waiting").resident > 0;
        }));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("waiting").resident == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.get("/waiting"));

        house.touch("go");
        client.join();
        CPPUNIT_ASSERT(answer == "1.0.0" || answer == "2.0.0");
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("waiting").resident == 0; }));
        if (!librariesStayLoaded) CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.mappedCopies());
    }

    void requestsThatDoNotEndRefuseAMoveOfState() {
        PluginHouse house(impatient());
        house.touch("save");
        house.manager().startAll(
            {configured("waiting", "waiting-1",
                        {{"save-file", house.file("save").string()}, {"handler-file", house.file("go").string()}})});
        std::string answer;
        std::thread client([&] { answer = house.get("/waiting/handler"); });
        std::string refusal;
        CPPUNIT_ASSERT(eventually([&] {
            refusal = PluginHouse::refusalOf([&] { house.manager().swap("waiting"); });
            return refusal.starts_with("BUSY");
        }));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("still ran 1 requests") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        house.touch("go");
        client.join();
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), answer);
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.manager().swap("waiting", fixture("waiting-2")).toVersion);
    }

    void aHungSaveOfStateKeepsTheOldVersionServing() {
        PluginHouse house(impatient());
        house.manager().startAll({configured("waiting", "waiting-1", {{"save-file", house.file("save").string()}})});
        const auto swap = [&] { house.manager().swap("waiting", fixture("waiting-2")); };
        const auto refusal = PluginHouse::refusalOf(swap);
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("STATE_REFUSED"));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("swap.hold-timeout = 300 ms") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        CPPUNIT_ASSERT(PluginHouse::refusalOf(swap).starts_with("BUSY"));
        house.touch("save");
        CPPUNIT_ASSERT(eventually([&] { return PluginHouse::refusalOf(swap) == "not refused"; }));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.get("/waiting"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("waiting").resident == 0; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ContainmentTest);
