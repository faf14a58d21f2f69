#include "Configuration.h"

#include <playhouse/testing/FakeSettings.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace playhouse;
using namespace playhouse::auth;
using namespace playhouse::testing;
using std::string;

/// The settings do what config/playhouse.properties tells of them.
class ConfigurationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConfigurationTest);
    CPPUNIT_TEST(theShippedFileHoldsTheDefaults);
    CPPUNIT_TEST(whatIsOutOfBoundsIsRefusedByName);
    CPPUNIT_TEST_SUITE_END();

    /// The plugin's lines of the shipped file.
    static std::map<string, string> shipped() {
        std::map<string, string> values;
        std::ifstream file(PLAYHOUSE_CONFIGURATION);
        const string prefix = "plugin.auth.";
        for (string line; std::getline(file, line);) {
            const auto equals = line.find(" = ");
            if (line.starts_with(prefix) && equals != string::npos)
                values[line.substr(prefix.size(), equals - prefix.size())] = line.substr(equals + 3);
        }
        return values;
    }

    static string told(const Configuration& c) {
        std::ostringstream text;
        text << c.refreshLifetime.count() << ' ' << c.refreshGrace.count() << ' ' << c.sessionsPerUser << ' '
             << c.hashingQueue << ' ' << c.argon2.memory << ' ' << c.argon2.passes << ' ' << c.guard.freeAttempts << ' '
             << c.guard.firstDelay.count() << ' ' << c.guard.longestDelay.count() << ' ' << c.shown.most << ' '
             << c.shown.lifetime.count() << ' ' << c.hasDemoAccounts;
        for (const auto* limit : {&c.registrations, &c.logins, &c.refreshes, &c.passwords, &c.others})
            text << ' ' << limit->requests;
        for (const auto& tier : c.tiers.all()) text << ' ' << boost::json::serialize(toJson(tier));
        return text.str();
    }

public:
    void theShippedFileHoldsTheDefaults() {
        const auto values = shipped();
        CPPUNIT_ASSERT(values.size() > 15);
        FakeSettings file("auth", values);
        FakeSettings none("auth");
        CPPUNIT_ASSERT_EQUAL(told(Configuration(none)), told(Configuration(file)));
    }

    void whatIsOutOfBoundsIsRefusedByName() {
        const std::vector<std::pair<string, string>> refused{{"refresh-lifetime", "59 s"},
                                                             {"refresh-lifetime", "8785 h"},
                                                             {"refresh-grace", "301 s"},
                                                             {"sessions-per-user", "0"},
                                                             {"sessions-per-user", "10001"},
                                                             {"hashing-threads", "0"},
                                                             {"hashing-threads", "257"},
                                                             {"hashing-queue", "0"},
                                                             {"argon2-memory", "7 KiB"},
                                                             {"argon2-memory", "2 GiB"},
                                                             {"argon2-passes", "0"},
                                                             {"argon2-passes", "many"},
                                                             {"login-free-attempts", "0"},
                                                             {"login-first-delay", "0 s"},
                                                             {"login-longest-delay", "25 h"},
                                                             {"registrations-per-minute", "0"},
                                                             {"logins-per-minute", "1000001"},
                                                             {"refreshes-per-minute", "-1"},
                                                             {"requests-per-minute", "1.5"},
                                                             {"password-changes-per-minute", ""},
                                                             {"account-cache-lifetime", "61 s"},
                                                             {"account-cache-lifetime", "5"},
                                                             {"account-cache-size", "0"},
                                                             {"demo-accounts", "perhaps"},
                                                             {"tiers", ""},
                                                             {"tier-free", "all of them"}};
        for (const auto& [name, value] : refused) {
            FakeSettings settings("auth", {{name, value}});
            try {
                const Configuration configuration(settings);
                CPPUNIT_FAIL(name + " = " + value + " was taken");
            } catch (const std::invalid_argument& error) {
                CPPUNIT_ASSERT_MESSAGE(error.what(), string(error.what()).find("plugin.auth." + name) != string::npos);
            }
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationTest);
