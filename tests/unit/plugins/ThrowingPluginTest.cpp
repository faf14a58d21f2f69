#include "BrokenHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::tests;

/// Whatever a plugin's functions throw, and wherever, becomes a message; the version before serves on.
class ThrowingPluginTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ThrowingPluginTest);
    CPPUNIT_TEST(aNewVersionThatThrowsIsRefused);
    CPPUNIT_TEST(aConstructorThatThrowsIsRefused);
    CPPUNIT_TEST(anOldVersionThatCannotSaveItsStateServesOn);
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
