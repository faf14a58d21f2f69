#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <string>
#include <thread>

using namespace playhouse;
using namespace playhouse::tests;

/// Actions on one plugin follow each other; those on different plugins do not wait for each other; and nothing that
/// hangs in a plugin holds up the status, or the end of the server.
class ConcurrentActionsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConcurrentActionsTest);
    CPPUNIT_TEST(aSlowSwapHoldsUpNoOtherPlugin);
    CPPUNIT_TEST(twoSwapsOfOnePluginFollowEachOther);
    CPPUNIT_TEST(manySwapsOfTwoPluginsAtOnceLoseNothing);
    CPPUNIT_TEST(switchingOffDuringASwapComesAfterIt);
    CPPUNIT_TEST(switchingOnDuringASwapChangesNothing);
    CPPUNIT_TEST(aReloadDuringASwapComesAfterIt);
    CPPUNIT_TEST(aReloadThatForgetsAPluginComesAfterItsSwap);
    CPPUNIT_TEST(aSwapEndsAtOnceWhenTheServerStops);
    CPPUNIT_TEST(aMoveOfStateEndsAtOnceWhenTheServerStops);
    CPPUNIT_TEST(nothingIsDoneAfterTheServerHasStopped);
    CPPUNIT_TEST(aHealthThatHangsHoldsUpNoStatus);
    CPPUNIT_TEST(aHealthThatHangsHoldsUpNoSwap);
    CPPUNIT_TEST_SUITE_END();

    /// An action on a thread of its own.
    class Action {
    public:
        template <class Function>
        explicit Action(const Function& function)
            : thread_([this, function] { outcome_ = PluginHouse::refusalOf(function); }) {}
        ~Action() {
            if (thread_.joinable()) thread_.join();
        }
        Action(const Action&) = delete;
        Action& operator=(const Action&) = delete;

        /// "not refused", or the refusal.
        const std::string& outcome() {
            if (thread_.joinable()) thread_.join();
            return outcome_;
        }

    private:
        std::string outcome_;
        std::thread thread_;
    };

    static host::PluginConfiguration slow(const PluginHouse& house, const std::string& library) {
        return configured("waiting", library, {{"start-file", house.file("go").string()}});
    }

    static void waitUntilSwapping(const PluginHouse& house) {
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("waiting").state == host::PluginState::Swapping; }));
    }

    /// A house whose plugin "waiting" starts only when the file "go" is there, which it is not any more.
    static void startSlow(PluginHouse& house, std::vector<host::PluginConfiguration> others = {}) {
        house.touch("go");
        others.push_back(slow(house, "waiting-1"));
        CPPUNIT_ASSERT(house.manager().startAll(std::move(others)).empty());
        std::filesystem::remove(house.file("go"));
    }

public:
    void aSlowSwapHoldsUpNoOtherPlugin() {
        PluginHouse house;
        startSlow(house, {configured("greeter", "greeter-1")});
        Action swap([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);

        house.manager().swap("greeter", fixture("greeter-2"));
        house.manager().disable("greeter");
        house.manager().enable("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        CPPUNIT_ASSERT(house.statusOf("waiting").state == host::PluginState::Swapping);

        house.touch("go");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), swap.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.get("/waiting"));
        // What happened to the other meanwhile was not undone by a table from before it.
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void twoSwapsOfOnePluginFollowEachOther() {
        PluginHouse house;
        startSlow(house);
        Action first([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);
        Action second([&] { house.manager().swap("waiting", fixture("waiting-1")); });
        house.touch("go");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), first.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), second.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, house.statusOf("waiting").generation);
    }

    void manySwapsOfTwoPluginsAtOnceLoseNothing() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1"), configured("counter", "counter-1")});
        const auto swapOften = [&](const std::string& id) {
            return [&house, id] {
                for (int count = 0; count < 25; ++count) {
                    house.manager().swap(id, fixture(id + (count % 2 == 0 ? "-2" : "-1")));
                    house.ask(Method::Post, "/counter");
                }
            };
        };
        {
            Action greeter(swapOften("greeter"));
            Action counter(swapOften("counter"));
            Action other(swapOften("counter"));
            while (house.statusOf("counter").swaps < 50 || house.statusOf("greeter").swaps < 25)
                CPPUNIT_ASSERT(house.get("/greeter").starts_with("hello from "));
            CPPUNIT_ASSERT_EQUAL(std::string("not refused"), greeter.outcome());
            CPPUNIT_ASSERT_EQUAL(std::string("not refused"), counter.outcome());
            CPPUNIT_ASSERT_EQUAL(std::string("not refused"), other.outcome());
        }
        CPPUNIT_ASSERT(house.get("/counter").starts_with("75 in "));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void switchingOffDuringASwapComesAfterIt() {
        PluginHouse house;
        startSlow(house);
        Action swap([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);
        Action off([&] { house.manager().disable("waiting"); });
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        house.touch("go");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), swap.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), off.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("503 waiting"), house.get("/waiting"));
        CPPUNIT_ASSERT(house.statusOf("waiting").state == host::PluginState::Disabled);
    }

    void switchingOnDuringASwapChangesNothing() {
        PluginHouse house;
        startSlow(house);
        Action swap([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);
        Action on([&] { house.manager().enable("waiting"); });
        house.touch("go");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), swap.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), on.outcome());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, house.statusOf("waiting").generation);
    }

    void aReloadDuringASwapComesAfterIt() {
        PluginHouse house;
        startSlow(house, {configured("greeter", "greeter-1")});
        Action swap([&] { house.manager().swap("waiting"); });
        waitUntilSwapping(house);
        Action reload([&] {
            house.manager().reconfigure({configured("greeter", "greeter-2"), slow(house, "waiting-2")});
        });
        // It takes the plugins one by one: the first is not kept waiting.
        CPPUNIT_ASSERT(eventually([&] { return house.get("/greeter") == "hello from 2.0.0"; }));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.get("/waiting"));
        house.touch("go");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), swap.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), reload.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.get("/waiting"));
    }

    void aReloadThatForgetsAPluginComesAfterItsSwap() {
        PluginHouse house;
        startSlow(house);
        Action swap([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);
        Action reload([&] { house.manager().reconfigure(std::vector<host::PluginConfiguration>()); });
        Action late([&] {
            // Whether it comes before or after the reload: it is done, or refused.
            house.manager().swap("waiting");
        });
        house.touch("go");
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), swap.outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("not refused"), reload.outcome());
        CPPUNIT_ASSERT(late.outcome() == "not refused" || late.outcome().starts_with("PLUGIN_NOT_FOUND"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/waiting"));
        CPPUNIT_ASSERT(house.manager().status().empty());
    }

    void aSwapEndsAtOnceWhenTheServerStops() {
        host::SwapSettings settings;
        settings.startTimeout = std::chrono::hours(1);
        PluginHouse house(settings);
        startSlow(house);
        Action swap([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);
        // The start that hangs is waited for, and no longer than that.
        CPPUNIT_ASSERT(!house.manager().stopAll(std::chrono::milliseconds(100)));
        CPPUNIT_ASSERT_MESSAGE(swap.outcome(), swap.outcome().starts_with("STOPPED"));
        house.touch("go");
        CPPUNIT_ASSERT(house.manager().stopAll(std::chrono::seconds(30)));
    }

    void aMoveOfStateEndsAtOnceWhenTheServerStops() {
        host::SwapSettings settings;
        settings.holdTimeout = std::chrono::hours(1);
        PluginHouse house(settings);
        house.manager().startAll({configured("waiting", "waiting-1", {{"save-file", house.file("save").string()}})});
        Action swap([&] { house.manager().swap("waiting", fixture("waiting-2")); });
        waitUntilSwapping(house);
        CPPUNIT_ASSERT(!house.manager().stopAll(std::chrono::milliseconds(100)));
        CPPUNIT_ASSERT_MESSAGE(swap.outcome(), swap.outcome().starts_with("STOPPED"));
        house.touch("save");
        CPPUNIT_ASSERT(house.manager().stopAll(std::chrono::seconds(30)));
    }

    void nothingIsDoneAfterTheServerHasStopped() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT(house.manager().stopAll(std::chrono::seconds(30)));
        const auto expectStopped = [](const auto& action) {
            const auto refusal = PluginHouse::refusalOf(action);
            CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("STOPPED"));
        };
        expectStopped([&] { house.manager().swap("greeter"); });
        expectStopped([&] { house.manager().rollback("greeter"); });
        expectStopped([&] { house.manager().enable("greeter"); });
        expectStopped([&] { house.manager().disable("greeter"); });
        expectStopped([&] { house.manager().reconfigure({configured("greeter", "greeter-1")}); });
    }

    void aHealthThatHangsHoldsUpNoStatus() {
        host::SwapSettings settings;
        settings.healthTimeout = std::chrono::milliseconds(50);
        PluginHouse house(settings);
        house.manager().startAll({configured("fickle", "fickle-1", {{"hang-file", house.file("hang").string()}}),
                                  configured("greeter", "greeter-1")});
        CPPUNIT_ASSERT(house.statusOf("fickle").health.status == Health::Status::Up);
        house.touch("hang");
        const auto health = house.statusOf("fickle").health;
        CPPUNIT_ASSERT(health.status == Health::Status::Down);
        CPPUNIT_ASSERT_EQUAL(std::string("its health() did not answer within swap.health-timeout = 50 ms"),
                             health.detail);
        CPPUNIT_ASSERT(house.statusOf("greeter").health.status == Health::Status::Up);
        // It serves all the same, and says so once it has answered.
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), house.get("/fickle"));
        std::filesystem::remove(house.file("hang"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("fickle").health.status == Health::Status::Up; }));
    }

    void aHealthThatHangsHoldsUpNoSwap() {
        host::SwapSettings settings;
        settings.healthTimeout = std::chrono::milliseconds(50);
        settings.drainTimeout = std::chrono::milliseconds(50);
        PluginHouse house(settings);
        house.manager().startAll(
            {configured("fickle", "fickle-1", {{"hang-file", house.file("hang").string()}, {"schema", "1"}})});
        house.ask(Method::Post, "/fickle");
        house.touch("hang");
        CPPUNIT_ASSERT(house.statusOf("fickle").health.status == Health::Status::Down);
        house.manager().reconfigure({configured("fickle", "fickle-2", {{"schema", "1"}})});
        CPPUNIT_ASSERT_EQUAL(std::string("1 in 2.0.0"), house.get("/fickle"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("fickle").resident == 1; }));
        std::filesystem::remove(house.file("hang"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("fickle").resident == 0; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConcurrentActionsTest);
