#include "BrokenHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::tests;

/// Wherever a plugin hangs, a deadline ends the wait and the version before serves on; what hangs is counted as
/// resident until it returns, and does not keep the server from stopping.
class HangingPluginTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HangingPluginTest);
    CPPUNIT_TEST(aNewVersionThatHangsIsRefused);
    CPPUNIT_TEST(aStartThatWasOnlyLateIsTriedAgainOnceItHasReturned);
    CPPUNIT_TEST(aConstructorThatHangsIsRefused);
    CPPUNIT_TEST(aLibraryThatHangsWhileItIsLoadedIsRefused);
    CPPUNIT_TEST(aNewVersionThatHangsInLoadingTheStateIsRefused);
    CPPUNIT_TEST(anOldVersionThatHangsInSavingTheStateServesOn);
    CPPUNIT_TEST(anOldVersionThatHangsAtItsEndStaysAlone);
    CPPUNIT_TEST(aHungHandlerKeepsItsVersionAlone);
    CPPUNIT_TEST(aHungTaskKeepsItsVersionAlone);
    CPPUNIT_TEST(theServerStopsWhateverHangs);
    CPPUNIT_TEST(theServerStopsWhileAHandlerHangs);
    CPPUNIT_TEST_SUITE_END();

    static BrokenHouse::Settings faults(const std::string& list) { return {{"faults", list}, {"keeps-state", "true"}}; }

    /// A client inside the handler that hangs.
    class Client {
    public:
        explicit Client(BrokenHouse& house)
            : house_(house), thread_([this] { answer_ = house_->get("/broken/handler"); }) {
            house.expectHanging();
        }
        ~Client() {
            if (thread_.joinable()) static_cast<void>(answer());
        }
        Client(const Client&) = delete;
        Client& operator=(const Client&) = delete;

        /// What it is answered once it is let go.
        std::string answer() {
            house_.release();
            thread_.join();
            return answer_;
        }

    private:
        BrokenHouse& house_;
        std::string answer_;
        std::thread thread_;
    };

    static constexpr auto startTimeout = "swap.start-timeout = 1000 ms";
    static constexpr auto holdTimeout = "swap.hold-timeout = 1000 ms";

    static void expectSwap(BrokenHouse& house, const BrokenHouse::Settings& settings) {
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), house.tryNext(settings));
        house.expectServing("2.0.0");
    }

public:
    void aNewVersionThatHangsIsRefused() {
        for (const auto* place : {"start", "schema", "health"}) {
            BrokenHouse house(BrokenHouse::Settings{{"keeps-state", "true"}});
            house.expectRefused(faults(std::string(place) + ":hang"), "START_TIMEOUT", startTimeout);
            house.expectResident(1);
            house.expectServing("1.0.0");
            // What is configured otherwise goes on meanwhile.
            house->manager().reconfigure({house.broken("broken-1", {{"keeps-state", "true"}})});
            CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house->manager().swap("broken").toVersion);
            house.expectNothingLeftAfterRelease();
        }
    }

    void aStartThatWasOnlyLateIsTriedAgainOnceItHasReturned() {
        BrokenHouse house;
        house->manager().disable("broken");
        house->manager().reconfigure(std::vector<host::PluginConfiguration>());
        const auto late = house.broken("broken-2", faults("start:hang"));
        const auto refusal = PluginHouse::refusalOf([&] { house->manager().reconfigure({late}); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("START_TIMEOUT: "));
        house.expectResident(1);
        // Never beside the one that has not returned.
        CPPUNIT_ASSERT(house->statusOf("broken").state == host::PluginState::Failed);
        house.release();
        CPPUNIT_ASSERT(eventually([&] { return house->get("/broken") == "2.0.0"; }));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, house->statusOf("broken").generation);
    }

    void aConstructorThatHangsIsRefused() {
        BrokenHouse house;
        {
            const FixtureVariable variable("PLAYHOUSE_FIXTURE_CREATE", house->file("release").string());
            house.expectRefused({}, "START_TIMEOUT", startTimeout);
        }
        house.expectResident(1);
        house.expectNothingLeftAfterRelease();
    }

    /// The loader has one lock for the process: until that library is loaded no other can be.
    void aLibraryThatHangsWhileItIsLoadedIsRefused() {
        BrokenHouse house;
        {
            const FixtureVariable variable("PLAYHOUSE_FIXTURE_LOAD", house->file("release").string());
            house.expectRefused({}, "START_TIMEOUT", startTimeout);
        }
        house.expectResident(1);
        house.expectRefused({}, "START_TIMEOUT", startTimeout);
        house.expectResident(2);
        house.expectNothingLeftAfterRelease();
        expectSwap(house, {});
    }

    void aNewVersionThatHangsInLoadingTheStateIsRefused() {
        BrokenHouse house(BrokenHouse::Settings{{"keeps-state", "true"}});
        house.expectRefused(faults("load:hang"), "STATE_REFUSED", holdTimeout);
        house.expectResident(1);
        house.expectNothingLeftAfterRelease();
        expectSwap(house, faults(""));
    }

    void anOldVersionThatHangsInSavingTheStateServesOn() {
        BrokenHouse house(faults("save:hang"));
        house.expectRefused(faults(""), "STATE_REFUSED", holdTimeout);
        // It uses the state still, and only one may.
        house.expectRefused(faults(""), "BUSY", "has not returned");
        house.release();
        CPPUNIT_ASSERT(eventually([&] { return house.tryNext(faults("")) == "not refused"; }));
        house.expectServing("2.0.0");
        house.expectNothingLeftAfterRelease();
    }

    void anOldVersionThatHangsAtItsEndStaysAlone() {
        for (const auto* place : {"stop", "destructor", "destroy"}) {
            BrokenHouse house(BrokenHouse::Settings{{"faults", std::string(place) + ":hang"}});
            expectSwap(house, {});
            house.expectResident(1);
            CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house->manager().swap("broken").toVersion);
            house.expectResident(1);
            house.expectNothingLeftAfterRelease();
        }
    }

    void aHungHandlerKeepsItsVersionAlone() {
        BrokenHouse house(BrokenHouse::Settings{{"faults", "handler:hang"}});
        Client client(house);
        expectSwap(house, {});
        house.expectResident(1);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), client.answer());
        house.expectNothingLeftAfterRelease();
    }

    void aHungTaskKeepsItsVersionAlone() {
        BrokenHouse house;
        expectSwap(house, {{"faults", "task:hang"}});
        house.expectHanging();
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), PluginHouse::refusalOf([&] {
                                 house->manager().reconfigure({house.broken("broken-1", {})});
                             }));
        house.expectServing("1.0.0");
        house.expectResident(1);
        house.expectNothingLeftAfterRelease();
    }

    void theServerStopsWhateverHangs() {
        BrokenHouse house(faults("save:hang, stop:hang, destructor:hang"));
        house.expectRefused(faults("start:hang"), "START_TIMEOUT", startTimeout);
        house.expectRefused(faults(""), "STATE_REFUSED", holdTimeout);
        CPPUNIT_ASSERT(!house->manager().stopAll(std::chrono::milliseconds(100)));
        house.release();
        CPPUNIT_ASSERT(house->manager().stopAll(std::chrono::seconds(30)));
    }

    void theServerStopsWhileAHandlerHangs() {
        BrokenHouse house(BrokenHouse::Settings{{"faults", "handler:hang"}});
        Client client(house);
        CPPUNIT_ASSERT(!house->manager().stopAll(std::chrono::milliseconds(100)));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), client.answer());
        CPPUNIT_ASSERT(house->manager().stopAll(std::chrono::seconds(30)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HangingPluginTest);
