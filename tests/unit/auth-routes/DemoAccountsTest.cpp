#include "AuthHost.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;

class DemoAccountsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DemoAccountsTest);
    CPPUNIT_TEST(demoAccountsLogInByTheFile);
    CPPUNIT_TEST(noneAreMadeUnlessAskedFor);
    CPPUNIT_TEST_SUITE_END();

    static std::filesystem::path fileOf(AuthHost& host) {
        return host.context.storage().ownDirectory() / "demo-credentials.json";
    }

public:
    void demoAccountsLogInByTheFile() {
        AuthHost host(std::map<string, string>{{"demo-accounts", "true"}});
        const auto file = fileOf(host);
        CPPUNIT_ASSERT_EQUAL(0600U, static_cast<unsigned>(std::filesystem::status(file).permissions()) & 0777U);
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        const auto credentials = boost::json::parse(text.str()).as_object();
        for (const string role : {"viewer", "moderator", "admin"}) {
            const auto login = host.ask(Method::Post, "/auth/login", {}, credentials.at(role).as_object());
            CPPUNIT_ASSERT_EQUAL(role, string(jsonData(login).at("user").at("role").as_string()));
        }
    }

    void noneAreMadeUnlessAskedFor() {
        AuthHost host;
        CPPUNIT_ASSERT(!std::filesystem::exists(fileOf(host)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DemoAccountsTest);
