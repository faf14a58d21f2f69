#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <stdexcept>

using namespace playhouse;
using namespace playhouse::tests;

/// What runs follows what the configuration says, and what an operator orders.
class ConfigurationChangesTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConfigurationChangesTest);
    CPPUNIT_TEST(aPluginThatIsOffAnswersServiceDisabled);
    CPPUNIT_TEST(configuredPathsOfAPluginThatIsOffAnswerToo);
    CPPUNIT_TEST(anUnknownSettingStopsTheStart);
    CPPUNIT_TEST(anUnknownSettingIsNoReasonToStopServing);
    CPPUNIT_TEST(aChangedSettingIsASwap);
    CPPUNIT_TEST(anUnchangedConfigurationChangesNothing);
    CPPUNIT_TEST(aFailedPluginIsTriedAgain);
    CPPUNIT_TEST(whatAReloadCouldNotDoIsDoneByTheNextSwap);
    CPPUNIT_TEST(whatAReloadCouldNotDoIsDoneBySwitchingOffAndOn);
    CPPUNIT_TEST(aPluginNoLongerConfiguredIsGone);
    CPPUNIT_TEST(ordersToUnknownPluginsNameTheNearest);
    CPPUNIT_TEST(aMalformedPathIsRefusedByItsKey);
    CPPUNIT_TEST_SUITE_END();

public:
    void aPluginThatIsOffAnswersServiceDisabled() {
        PluginHouse house;
        auto greeter = configured("greeter", "greeter-1");
        greeter.enabled = false;
        house.manager().startAll({greeter});
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter/any/thing"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/greet"));
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greeter"); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("PLUGIN_DISABLED"));

        house.manager().enable("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        house.manager().disable("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
        CPPUNIT_ASSERT(house.statusOf("greeter").state == host::PluginState::Disabled);
    }

    void configuredPathsOfAPluginThatIsOffAnswerToo() {
        PluginHouse house;
        auto greeter = configured("greeter", "greeter-1");
        greeter.enabled = false;
        greeter.paths = {"/welcome/{rest...}"};
        house.manager().startAll({greeter});
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/welcome/home"));
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/greeter"));
        house.manager().enable("greeter");
        house.manager().disable("greeter");
        // Its own routes are known by now.
        CPPUNIT_ASSERT_EQUAL(std::string("503 greeter"), house.get("/greeter"));
    }

    /// An operator who mends what a reload was refused for, and swaps, means the library and settings of today.
    void whatAReloadCouldNotDoIsDoneByTheNextSwap() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        auto next = configured("greeter", "greeter-1", {{"salutation", "hi"}});
        next.library = house.file("next.so");
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().reconfigure({next}); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("LIBRARY_REFUSED"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        std::filesystem::copy_file(fixture("greeter-2"), next.library);
        house.manager().swap("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("hi 2.0.0"), house.get("/greeter"));
        house.manager().reconfigure({next});
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, house.statusOf("greeter").swaps);
    }

    /// As the refusal of a state that does not fit tells to.
    void whatAReloadCouldNotDoIsDoneBySwitchingOffAndOn() {
        PluginHouse house;
        house.manager().startAll({configured("counter", "counter-other-schema")});
        const auto refusal =
            PluginHouse::refusalOf([&] { house.manager().reconfigure({configured("counter", "counter-1")}); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("disable and enable it") != std::string::npos);
        house.manager().disable("counter");
        house.manager().enable("counter");
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.statusOf("counter").version);
    }

    void anUnknownSettingStopsTheStart() {
        PluginHouse house;
        const auto refusal = PluginHouse::refusalOf([&] {
            house.manager().startAll(
                {configured("counter", "counter-1"), configured("greeter", "greeter-1", {{"salutaton", "hi"}})});
        });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("UNKNOWN_SETTING"));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("\"plugin.greeter.salutaton\"") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("\"plugin.greeter.salutation\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/counter"));
    }

    void anUnknownSettingIsNoReasonToStopServing() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        const auto refusal = PluginHouse::refusalOf([&] {
            house.manager().reconfigure({configured("greeter", "greeter-1", {{"volume", "11"}})});
        });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("UNKNOWN_SETTING"));
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void aChangedSettingIsASwap() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        house.manager().reconfigure({configured("greeter", "greeter-1", {{"salutation", "servus from"}})});
        CPPUNIT_ASSERT_EQUAL(std::string("servus from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, house.statusOf("greeter").generation);
    }

    void anUnchangedConfigurationChangesNothing() {
        PluginHouse house;
        const std::vector plugins{configured("greeter", "greeter-1"), configured("counter", "counter-1")};
        house.manager().startAll(plugins);
        house.manager().swap("greeter", fixture("greeter-2"));
        house.manager().disable("counter");
        house.manager().reconfigure(plugins);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("503 counter"), house.get("/counter"));
    }

    void aFailedPluginIsTriedAgain() {
        PluginHouse house;
        auto greeter = configured("greeter", "");
        greeter.library = house.file("greeter.so");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.manager().startAll({greeter}).size());
        std::filesystem::copy_file(fixture("greeter-1"), house.file("greeter.so"));
        house.manager().reconfigure({greeter});
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void aPluginNoLongerConfiguredIsGone() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1"), configured("counter", "counter-1")});
        house.manager().reconfigure({configured("counter", "counter-1")});
        CPPUNIT_ASSERT_EQUAL(std::string("404"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, house.manager().status().size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, house.statusOf("counter").generation);
    }

    void ordersToUnknownPluginsNameTheNearest() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().swap("greetr"); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("PLUGIN_NOT_FOUND"));
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("\"greeter\"") != std::string::npos);
    }

    void aMalformedPathIsRefusedByItsKey() {
        PluginHouse house;
        auto greeter = configured("greeter", "greeter-1");
        greeter.paths = {"no-slash"};
        CPPUNIT_ASSERT_THROW(house.manager().startAll({greeter}), std::invalid_argument);
        CPPUNIT_ASSERT(house.manager().status().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationChangesTest);
