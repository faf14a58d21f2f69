#include "AuthHost.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cctype>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;

class AdministrationRoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AdministrationRoutesTest);
    CPPUNIT_TEST(viewersAreRefusedAndModeratorsOnlySee);
    CPPUNIT_TEST(listFiltersAndRefusesBadOnes);
    CPPUNIT_TEST(searchFindsAddressesAsTheyAreWritten);
    CPPUNIT_TEST(newTierNeedsANewToken);
    CPPUNIT_TEST(anIdInCapitalsIsTheSame);
    CPPUNIT_TEST(suspendedUserIsOutAtOnceAndTillResumed);
    CPPUNIT_TEST(removedUserIsOutAtOnce);
    CPPUNIT_TEST(lastAdministratorStays);
    CPPUNIT_TEST(unknownAccountsAndFieldsAreRefused);
    CPPUNIT_TEST_SUITE_END();

    AuthHost host_;
    const string users_ = "/auth/admin/users";

public:
    void viewersAreRefusedAndModeratorsOnlySee() {
        const auto ann = host_.join("ann");
        const auto moderator = host_.joinAs("moderator", "mona");
        const auto one = users_ + "/" + ann.id;
        for (const auto& target : {users_, one}) {
            CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_MISSING"), outcome(host_.ask(Method::Get, target)));
            CPPUNIT_ASSERT_EQUAL(string("403 FORBIDDEN"), outcome(host_.ask(Method::Get, target, ann.accessToken)));
            CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Get, target, moderator.accessToken)));
        }
        for (const auto& member : {ann, moderator}) {
            const auto& token = member.accessToken;
            CPPUNIT_ASSERT_EQUAL(string("403 FORBIDDEN"),
                                 outcome(host_.ask(Method::Patch, one, token, {{"role", "admin"}})));
            CPPUNIT_ASSERT_EQUAL(string("403 FORBIDDEN"),
                                 outcome(host_.ask(Method::Post, one + "/suspend", token, {{"reason", "x"}})));
            CPPUNIT_ASSERT_EQUAL(string("403 FORBIDDEN"), outcome(host_.ask(Method::Post, one + "/resume", token)));
            CPPUNIT_ASSERT_EQUAL(string("403 FORBIDDEN"), outcome(host_.ask(Method::Delete, one, token)));
        }
    }

    void listFiltersAndRefusesBadOnes() {
        host_.join("ann");
        host_.join("bob");
        const auto token = host_.joinAs("admin", "zoe").accessToken;
        const auto total = [&](const string& query) {
            return jsonData(host_.ask(Method::Get, users_ + query, token)).at("total").to_number<int>();
        };
        CPPUNIT_ASSERT_EQUAL(3, total(""));
        CPPUNIT_ASSERT_EQUAL(1, total("?search=BOB"));
        CPPUNIT_ASSERT_EQUAL(0, total("?search=%25"));
        CPPUNIT_ASSERT_EQUAL(1, total("?role=admin"));
        CPPUNIT_ASSERT_EQUAL(0, total("?suspended=true"));
        CPPUNIT_ASSERT_EQUAL(3, total("?limit=1&tier=free"));
        for (const string bad :
             {"?role=king", "?tier=gold", "?suspended=maybe", "?limit=0", "?offset=-1", "?search=%ff"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, string("400 INVALID_PARAMETER"),
                                         outcome(host_.ask(Method::Get, users_ + bad, token)));
    }

    void searchFindsAddressesAsTheyAreWritten() {
        const auto token = host_.joinAs("admin", "zoe").accessToken;
        host_.ask(Method::Post, "/auth/register", {},
                  {{"email",
                    "Ann@b\xC3\xBC"
                    "cher.example"},
                   {"username", "ann"},
                   {"password", AuthHost::password()}});
        for (const string search : {"b%C3%BCcher", "xn--bcher", "ANN@"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                search, 1,
                jsonData(host_.ask(Method::Get, users_ + "?search=" + search, token)).at("total").to_number<int>());
    }

    void anIdInCapitalsIsTheSame() {
        const auto ann = host_.join("ann");
        const auto admin = host_.joinAs("admin", "zoe");
        auto capitals = ann.id;
        for (auto& letter : capitals) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Patch, users_ + "/" + capitals, admin.accessToken,
                                                              {{"role", "moderator"}})));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
    }

    void newTierNeedsANewToken() {
        const auto ann = host_.join("ann");
        const auto admin = host_.joinAs("admin", "zoe");
        host_.context.clock().advance(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Patch, users_ + "/" + ann.id, admin.accessToken,
                                                              {{"tier", "premium"}})));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
        const auto next = jsonData(host_.ask(Method::Post, "/auth/refresh", {}, {{"refreshToken", ann.refreshToken}}));
        CPPUNIT_ASSERT_EQUAL(string("premium"),
                             host_.context.identity().verify(next.at("accessToken").as_string()).tier);
    }

    void suspendedUserIsOutAtOnceAndTillResumed() {
        const auto ann = host_.join("ann");
        const auto admin = host_.joinAs("admin", "zoe");
        host_.context.clock().advance(std::chrono::seconds(1));
        const auto one = users_ + "/" + ann.id;
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Post, one + "/suspend", admin.accessToken,
                                                              {{"reason", "shared his password"}})));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
        const boost::json::object login{{"email", "ann@example.org"}, {"password", AuthHost::password()}};
        CPPUNIT_ASSERT_EQUAL(string("403 ACCOUNT_SUSPENDED"),
                             outcome(host_.ask(Method::Post, "/auth/login", {}, login)));
        CPPUNIT_ASSERT_EQUAL(string("401 INVALID_CREDENTIALS"),
                             outcome(host_.ask(Method::Post, "/auth/login", {},
                                               {{"email", "ann@example.org"}, {"password", "not this one"}})));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Post, one + "/resume", admin.accessToken)));
        CPPUNIT_ASSERT(!host_.login("ann").accessToken.empty());
    }

    void removedUserIsOutAtOnce() {
        const auto ann = host_.join("ann");
        const auto admin = host_.joinAs("admin", "zoe");
        host_.context.clock().advance(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(string("204"),
                             outcome(host_.ask(Method::Delete, users_ + "/" + ann.id, admin.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
        CPPUNIT_ASSERT_EQUAL(
            string("401 REFRESH_TOKEN_INVALID"),
            outcome(host_.ask(Method::Post, "/auth/refresh", {}, {{"refreshToken", ann.refreshToken}})));
        // A token that some host does not know to be refused.
        Identity who;
        who.userId = ann.id;
        who.sessionId = "s";
        const auto stray = host_.context.identity().signIn(who);
        CPPUNIT_ASSERT_EQUAL(string("401 ACCOUNT_GONE"), outcome(host_.ask(Method::Get, "/auth/profile", stray)));
    }

    void lastAdministratorStays() {
        const auto admin = host_.joinAs("admin", "zoe");
        const auto one = users_ + "/" + admin.id;
        CPPUNIT_ASSERT_EQUAL(string("409 LAST_ADMIN"),
                             outcome(host_.ask(Method::Patch, one, admin.accessToken, {{"role", "viewer"}})));
        CPPUNIT_ASSERT_EQUAL(string("409 LAST_ADMIN"),
                             outcome(host_.ask(Method::Post, one + "/suspend", admin.accessToken, {{"reason", "x"}})));
        CPPUNIT_ASSERT_EQUAL(string("409 LAST_ADMIN"), outcome(host_.ask(Method::Delete, one, admin.accessToken)));
    }

    void unknownAccountsAndFieldsAreRefused() {
        const auto admin = host_.joinAs("admin", "zoe");
        for (const string id : {"no-uuid", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"})
            CPPUNIT_ASSERT_EQUAL(string("404 ACCOUNT_NOT_FOUND"),
                                 outcome(host_.ask(Method::Get, users_ + "/" + id, admin.accessToken)));
        const auto one = users_ + "/" + admin.id;
        for (const boost::json::object& body :
             {boost::json::object{{"role", "king"}}, boost::json::object{{"tier", "gold"}},
              boost::json::object{{"passwordHash", "x"}}})
            CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"),
                                 outcome(host_.ask(Method::Patch, one, admin.accessToken, body)));
        CPPUNIT_ASSERT_EQUAL(string("400 NOTHING_TO_CHANGE"),
                             outcome(host_.ask(Method::Patch, one, admin.accessToken, {})));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AdministrationRoutesTest);
