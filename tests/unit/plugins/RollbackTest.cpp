#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>

using namespace playhouse;
using namespace playhouse::tests;

/// The version before comes back at an order, whatever has become of its file and of the state.
class RollbackTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RollbackTest);
    CPPUNIT_TEST(theVersionBeforeServesAgain);
    CPPUNIT_TEST(rollingBackTwiceIsRollingForward);
    CPPUNIT_TEST(aRebuiltOrDeletedFileIsNotNeeded);
    CPPUNIT_TEST(settingsComeBackToo);
    CPPUNIT_TEST(withoutAVersionBeforeItIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    void theVersionBeforeServesAgain() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        house.manager().swap("greeter", fixture("greeter-2"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.statusOf("greeter").previousVersion);

        const auto report = house.manager().rollback("greeter");

        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), report.fromVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), report.toVersion);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, report.toGeneration);
        CPPUNIT_ASSERT_EQUAL(fixture("greeter-1"), house.statusOf("greeter").library);
    }

    void rollingBackTwiceIsRollingForward() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        house.manager().swap("greeter", fixture("greeter-2"));
        house.manager().rollback("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.statusOf("greeter").previousVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.manager().rollback("greeter").toVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), house.get("/greeter"));
    }

    void aRebuiltOrDeletedFileIsNotNeeded() {
        PluginHouse house;
        auto configuration = configured("greeter", "");
        configuration.library = house.file("greeter.so");
        std::filesystem::copy_file(fixture("greeter-1"), configuration.library);
        house.manager().startAll({configuration});
        std::filesystem::copy_file(fixture("greeter-2"), configuration.library,
                                   std::filesystem::copy_options::overwrite_existing);
        house.manager().swap("greeter");
        std::filesystem::remove(configuration.library);
        std::filesystem::remove_all(house.file("generations"));

        house.manager().rollback("greeter");

        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }

    void settingsComeBackToo() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1", {{"salutation", "servus from"}})});
        house.manager().reconfigure({configured("greeter", "greeter-1", {{"salutation", "moin from"}})});
        CPPUNIT_ASSERT_EQUAL(std::string("moin from 1.0.0"), house.get("/greeter"));
        house.manager().rollback("greeter");
        CPPUNIT_ASSERT_EQUAL(std::string("servus from 1.0.0"), house.get("/greeter"));
    }

    void withoutAVersionBeforeItIsRefused() {
        PluginHouse house;
        house.manager().startAll({configured("greeter", "greeter-1")});
        const auto refusal = PluginHouse::refusalOf([&] { house.manager().rollback("greeter"); });
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.starts_with("NO_EARLIER_VERSION"));
        CPPUNIT_ASSERT_EQUAL(std::string(), house.statusOf("greeter").previousVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), house.get("/greeter"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RollbackTest);
