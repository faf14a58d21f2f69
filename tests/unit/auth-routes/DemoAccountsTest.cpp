#include "AuthHost.h"
#include "DemoAccounts.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;

/// Who tries Playhouse has somebody to log in as.
class DemoAccountsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DemoAccountsTest);
    CPPUNIT_TEST(demoAccountsLogInByTheFile);
    CPPUNIT_TEST(anotherStartChangesNothing);
    CPPUNIT_TEST(removedOnesStayAway);
    CPPUNIT_TEST(aLostFileIsMadeAnewWithOtherPasswords);
    CPPUNIT_TEST(onASharedDatabaseTheFileIsWhoseMadeThem);
    CPPUNIT_TEST(aFileWithoutAccountsIsMadeAnew);
    CPPUNIT_TEST(namesThatSomebodyHasStopNothing);
    CPPUNIT_TEST(noneAreMadeWhenTheFileCannotBe);
    CPPUNIT_TEST(noneAreMadeUnlessAskedFor);
    CPPUNIT_TEST_SUITE_END();

    const std::map<string, string> wanted_{{"demo-accounts", "true"}};

    static std::filesystem::path fileOf(AuthHost& host) {
        return host.context.storage().rootDirectory() / "demo-credentials.json";
    }

    static string textOf(const std::filesystem::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    static boost::json::object credentialsIn(const string& text) { return boost::json::parse(text).as_object(); }

    static Response login(AuthHost& host, const string& text, const string& role) {
        return host.ask(Method::Post, "/auth/login", {}, credentialsIn(text).at(role).as_object());
    }

    /// As another start does, on a host that has its database alone or not.
    static void startAgain(AuthHost& host, bool isAlone) {
        FakeSettings settings("auth");
        AccountStore accounts(host.context.database());
        const auth::SessionStore sessions(
            host.context.database(), host.context.clock(),
            {std::chrono::hours(24), std::chrono::seconds(10), [] { return std::chrono::hours(1); }, 10});
        auth::HashingThreads threads(1);
        const auth::PasswordHasher hasher({.memory = 64, .passes = 1}, threads);
        auth::makeDemoAccounts(accounts, sessions, hasher, auth::Tiers(settings), host.context.clock(),
                               host.context.storage(), host.context.logger(), isAlone);
    }

    using AccountStore = auth::AccountStore;

public:
    void demoAccountsLogInByTheFile() {
        AuthHost host(wanted_);
        const auto file = fileOf(host);
        CPPUNIT_ASSERT_EQUAL(0600U, static_cast<unsigned>(std::filesystem::status(file).permissions()) & 0777U);
        const auto text = textOf(file);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, credentialsIn(text).size());
        for (const string role : {"viewer", "moderator", "admin"})
            CPPUNIT_ASSERT_EQUAL(role, string(jsonData(login(host, text, role)).at("user").at("role").as_string()));
    }

    void anotherStartChangesNothing() {
        AuthHost host(wanted_);
        const auto before = textOf(fileOf(host));
        for (const bool isAlone : {true, false}) startAgain(host, isAlone);
        CPPUNIT_ASSERT_EQUAL(before, textOf(fileOf(host)));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(login(host, before, "admin")));
    }

    void removedOnesStayAway() {
        AuthHost host(wanted_);
        const auto text = textOf(fileOf(host));
        host.context.database().use(
            [](SqlSession& session) { session.run("DELETE FROM users WHERE email = 'moderator@playhouse.local'"); });
        startAgain(host, true);
        CPPUNIT_ASSERT_EQUAL(string("401 INVALID_CREDENTIALS"), outcome(login(host, text, "moderator")));
    }

    void aLostFileIsMadeAnewWithOtherPasswords() {
        AuthHost host(wanted_);
        const auto before = textOf(fileOf(host));
        const auto tokens = jsonData(login(host, before, "admin"));
        std::filesystem::remove(fileOf(host));
        startAgain(host, true);
        CPPUNIT_ASSERT_EQUAL(
            string("401 REFRESH_TOKEN_INVALID"),
            outcome(host.ask(Method::Post, "/auth/refresh", {}, {{"refreshToken", tokens.at("refreshToken")}})));
        const auto after = textOf(fileOf(host));
        for (const string role : {"viewer", "moderator", "admin"}) {
            CPPUNIT_ASSERT_EQUAL(string("401 INVALID_CREDENTIALS"), outcome(login(host, before, role)));
            CPPUNIT_ASSERT_EQUAL(string("200"), outcome(login(host, after, role)));
        }
    }

    void onASharedDatabaseTheFileIsWhoseMadeThem() {
        AuthHost host(wanted_);
        const auto before = textOf(fileOf(host));
        std::filesystem::remove(fileOf(host));
        startAgain(host, false);
        CPPUNIT_ASSERT(!std::filesystem::exists(fileOf(host)));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(login(host, before, "viewer")));
        CPPUNIT_ASSERT(host.context.logger().contains(FakeLogger::Level::Warning, "the host that made them"));
    }

    /// As a start leaves it that is killed between the file and its accounts.
    void aFileWithoutAccountsIsMadeAnew() {
        AuthHost host;
        host.context.storage().writeAtomically(fileOf(host), "{}");
        startAgain(host, false);
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(login(host, textOf(fileOf(host)), "viewer")));
    }

    /// Another host's accounts come between the look and the making just so.
    void namesThatSomebodyHasStopNothing() {
        AuthHost host;
        host.join("demo-admin");
        startAgain(host, true);
        CPPUNIT_ASSERT(!std::filesystem::exists(fileOf(host)));
        AccountStore accounts(host.context.database());
        CPPUNIT_ASSERT(!accounts.findByEmail("viewer@playhouse.local"));
    }

    void noneAreMadeWhenTheFileCannotBe() {
        AuthHost host;
        std::filesystem::create_directories(fileOf(host) / "in the way");
        CPPUNIT_ASSERT_THROW(startAgain(host, true), std::exception);
        AccountStore accounts(host.context.database());
        CPPUNIT_ASSERT(!accounts.findByEmail("viewer@playhouse.local"));
    }

    void noneAreMadeUnlessAskedFor() {
        AuthHost host;
        CPPUNIT_ASSERT(!std::filesystem::exists(fileOf(host)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DemoAccountsTest);
