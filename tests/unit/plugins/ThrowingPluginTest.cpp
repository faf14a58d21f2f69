#include "BrokenHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::tests;

/// Whatever a plugin's functions throw, and wherever, becomes a message; the version before serves on.
class ThrowingPluginTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ThrowingPluginTest);
    CPPUNIT_TEST(aNewVersionThatThrowsIsRefused);
    CPPUNIT_TEST(whatPocoThrowsIsToldWhole);
    CPPUNIT_TEST(aNewVersionThatSaysItCannotServeIsRefused);
    CPPUNIT_TEST(aNewVersionThatTakesAnothersRouteIsRefused);
    CPPUNIT_TEST(aConstructorThatThrowsIsRefused);
    CPPUNIT_TEST(anOldVersionThatCannotSaveItsStateServesOn);
    CPPUNIT_TEST(stateOfANewerSchemaIsNotGivenToAnOlderVersion);
    CPPUNIT_TEST(whatIsThrownAtTheEndKeepsNothing);
    CPPUNIT_TEST(aTaskThatThrowsHarmsNobody);
    CPPUNIT_TEST(nothingIsLeftOfWhatWasRefused);
    CPPUNIT_TEST_SUITE_END();

    static BrokenHouse::Settings faults(const std::string& list) { return {{"faults", list}, {"keeps-state", "true"}}; }

    struct Expected {
        std::string place;
        std::string code;
        std::string function;
    };

    static const std::vector<Expected>& places() {
        static const std::vector<Expected> all{{"start", "START_FAILED", "start()"},
                                               {"schema", "START_FAILED", "stateSchema()"},
                                               {"health", "UNHEALTHY", "health()"},
                                               {"load", "STATE_REFUSED", "loadState()"}};
        return all;
    }

public:
    void aNewVersionThatThrowsIsRefused() {
        BrokenHouse house(BrokenHouse::Settings{{"keeps-state", "true"}});
        for (const auto& [place, code, function] : places()) {
            house.expectRefused(faults(place + ":throw"), code, function);
            house.expectRefused(faults(place + ":throw"), code, place + " went wrong");
            house.expectRefused(faults(place + ":foreign"), code, function);
            house.expectRefused(faults(place + ":foreign"), code, "no std::exception");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext({}));
        house.expectServing("2.0.0");
    }

    void whatPocoThrowsIsToldWhole() {
        BrokenHouse house(BrokenHouse::Settings{{"keeps-state", "true"}});
        for (const auto& [place, code, function] : places())
            house.expectRefused(faults(place + ":poco"), code, place + " went wrong");
    }

    void aNewVersionThatSaysItCannotServeIsRefused() {
        BrokenHouse house;
        house.expectRefused(faults("sickness:"), "UNHEALTHY", "says that it cannot serve: the disk is full");
        house.expectNothingLeftAfterRelease();
    }

    void aNewVersionThatTakesAnothersRouteIsRefused() {
        BrokenHouse house;
        const auto greeter = configured("greeter", "greeter-1");
        house->manager().reconfigure({house.broken("broken-1", {}), greeter});
        for (const auto* route : {"/greeter", "/greeter/{somebody}"}) {
            const auto refusal = PluginHouse::refusalOf([&] {
                house->manager().reconfigure({house.broken("broken-2", {{"route", route}}), greeter});
            });
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("ROUTE_COLLISION"));
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("\"broken\"") != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("\"greeter\"") != std::string::npos);
            house.expectServing("1.0.0");
            CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0, Ada"), house->get("/greeter/Ada"));
        }
    }

    void aConstructorThatThrowsIsRefused() {
        BrokenHouse house;
        const std::map<std::string, std::string> texts{{"throw", "constructor went wrong"},
                                                       {"foreign", "no std::exception"}};
        for (const auto& [way, text] : texts) {
            const FixtureVariable variable("PLAYHOUSE_FIXTURE_CREATE", way);
            house.expectRefused({}, "START_FAILED", "its constructor: ");
            house.expectRefused({}, "START_FAILED", text);
        }
    }

    void anOldVersionThatCannotSaveItsStateServesOn() {
        for (const auto& [way, text] :
             std::map<std::string, std::string>{{"throw", "save went wrong"}, {"foreign", "no std::exception"}}) {
            BrokenHouse house(faults("save:" + way));
            house.expectRefused(faults(""), "STATE_REFUSED", "failed in saveState(): ");
            house.expectRefused(faults(""), "STATE_REFUSED", text);
        }
    }

    /// Also by a plugin that would take any.
    void stateOfANewerSchemaIsNotGivenToAnOlderVersion() {
        const BrokenHouse::Settings older{{"keeps-state", "true"}, {"schema", "6"}};
        BrokenHouse house(BrokenHouse::Settings{{"keeps-state", "true"}, {"schema", "7"}});
        house.expectRefused(older, "STATE_REFUSED", "keeps its state in schema 7, 2.0.0 reads schemas up to 6");
        house.expectNothingLeftAfterRelease();
        // Without its state it may.
        house->manager().disable("broken");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext(older));
        house->manager().enable("broken");
        house.expectServing("2.0.0");
    }

    void whatIsThrownAtTheEndKeepsNothing() {
        for (const auto* way : {"throw", "foreign"}) {
            BrokenHouse house(BrokenHouse::Settings{{"faults", std::string("stop:") + way + ", destroy:" + way}});
            CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext({}));
            house.expectServing("2.0.0");
            house.expectNothingLeftAfterRelease();
        }
    }

    void aTaskThatThrowsHarmsNobody() {
        for (const auto* way : {"throw", "foreign"}) {
            BrokenHouse house;
            CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext({{"faults", std::string("task:") + way}}));
            house.expectServing("2.0.0");
            CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house->manager().swap("broken").toVersion);
            house.expectNothingLeftAfterRelease();
        }
    }

    void nothingIsLeftOfWhatWasRefused() {
        BrokenHouse house(BrokenHouse::Settings{{"keeps-state", "true"}});
        for (const auto& [place, code, function] : places()) house.expectRefused(faults(place + ":throw"), code, "");
        house.expectNothingLeftAfterRelease();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, librariesStayLoaded ? 1 : house->copies());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThrowingPluginTest);
