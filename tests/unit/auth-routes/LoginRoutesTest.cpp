#include "AuthHost.h"
#include "PasswordHasher.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <vector>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;
using namespace std::chrono_literals;

class LoginRoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LoginRoutesTest);
    CPPUNIT_TEST(registeringLogsIn);
    CPPUNIT_TEST(registrationNeverChoosesRoleOrTier);
    CPPUNIT_TEST(takenAddressesAndNamesAreRefused);
    CPPUNIT_TEST(loginTellsNobodyWhoHasAnAccount);
    CPPUNIT_TEST(guessingHasToWait);
    CPPUNIT_TEST(loginsThatHashAPasswordAnewDoNotDisturbEachOther);
    CPPUNIT_TEST(manyRightLoginsAtOnceAllLogIn);
    CPPUNIT_TEST(refreshChangesTheToken);
    CPPUNIT_TEST(refreshTokenUsedAgainEndsItsSession);
    CPPUNIT_TEST(unknownRefreshTokenIsRefused);
    CPPUNIT_TEST(logoutEndsItsSessionAlone);
    CPPUNIT_TEST(deviceOfAnotherIsNoneToLogInWith);
    CPPUNIT_TEST(limitsAreDeclaredForEachRoute);
    CPPUNIT_TEST_SUITE_END();

    AuthHost host_;

    Response post(const string& target, const boost::json::object& body, const string& token = {}) {
        return host_.ask(Method::Post, target, token, body);
    }

    /// So many logins of Ann at once.
    static void assertAllLogIn(AuthHost& host, int count) {
        std::vector<std::future<string>> logins;
        for (int login = 0; login < count; ++login)
            logins.push_back(std::async(std::launch::async, [&host] {
                return outcome(host.ask(Method::Post, "/auth/login", {},
                                        {{"email", "ann@example.org"}, {"password", AuthHost::password()}}));
            }));
        for (auto& login : logins) CPPUNIT_ASSERT_EQUAL(string("200"), login.get());
    }

public:
    void registeringLogsIn() {
        const auto response = post(
            "/auth/register", {{"email", " Ann@Example.org"}, {"username", "Ann"}, {"password", AuthHost::password()}});
        CPPUNIT_ASSERT_EQUAL(string("201"), outcome(response));
        CPPUNIT_ASSERT_EQUAL(string("no-store"), string(response.headers().find("Cache-Control").value_or("")));
        const auto data = jsonData(response).as_object();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(604800), data.at("expiresIn").as_int64());
        CPPUNIT_ASSERT_EQUAL(string("viewer"), string(data.at("user").at("role").as_string()));
        CPPUNIT_ASSERT(!data.at("user").as_object().contains("passwordHash"));
        const auto who = host_.context.identity().verify(data.at("accessToken").as_string());
        CPPUNIT_ASSERT_EQUAL(string("Ann"), who.username);
        CPPUNIT_ASSERT_EQUAL(string("free"), who.tier);
        CPPUNIT_ASSERT(who.hasRole("viewer") && !who.hasRole("admin"));
        CPPUNIT_ASSERT(!host_.login("ann").accessToken.empty());
    }

    void registrationNeverChoosesRoleOrTier() {
        for (const string field : {"role", "roles", "tier", "subscriptionTier", "id", "suspendedAt"}) {
            boost::json::object body{
                {"email", "eve@example.org"}, {"username", "eve"}, {"password", AuthHost::password()}};
            body[field] = "admin";
            CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"), outcome(post("/auth/register", body)));
        }
    }

    void takenAddressesAndNamesAreRefused() {
        host_.join("ann");
        CPPUNIT_ASSERT_EQUAL(
            string("409 EMAIL_TAKEN"),
            outcome(post("/auth/register",
                         {{"email", "ANN@example.org"}, {"username", "other"}, {"password", AuthHost::password()}})));
        CPPUNIT_ASSERT_EQUAL(
            string("409 USERNAME_TAKEN"),
            outcome(post("/auth/register",
                         {{"email", "other@example.org"}, {"username", "ANN"}, {"password", AuthHost::password()}})));
    }

    void loginTellsNobodyWhoHasAnAccount() {
        host_.join("ann");
        const auto wrong = post("/auth/login", {{"email", "ann@example.org"}, {"password", "not this one"}});
        const auto nobody = post("/auth/login", {{"email", "nobody@example.org"}, {"password", "not this one"}});
        CPPUNIT_ASSERT_EQUAL(string("401 INVALID_CREDENTIALS"), outcome(wrong));
        CPPUNIT_ASSERT_EQUAL(wrong.status(), nobody.status());
        const auto errorOf = [](const Response& response) {
            const auto text = bodyText(response);
            return text.substr(0, text.find("\"timestamp\""));
        };
        CPPUNIT_ASSERT_EQUAL(errorOf(wrong), errorOf(nobody));
    }

    void guessingHasToWait() {
        host_.join("ann");
        const boost::json::object wrong{{"email", "ann@example.org"}, {"password", "not this one"}};
        string last;
        for (int attempt = 0; attempt < 7; ++attempt) last = outcome(post("/auth/login", wrong));
        CPPUNIT_ASSERT_EQUAL(string("429 LOGIN_LOCKED"), last);
        host_.context.clock().advance(1h);
        CPPUNIT_ASSERT(!host_.login("ann").accessToken.empty());
    }

    void loginsThatHashAPasswordAnewDoNotDisturbEachOther() {
        AuthHost host({{"hashing-threads", "4"}, {"argon2-passes", "3"}});
        const auto ann = host.join("ann");
        auth::HashingThreads threads(1);
        const auto outdated = auth::PasswordHasher({.memory = 64, .passes = 2}, threads).hash(AuthHost::password());
        for (int round = 0; round < 5; ++round) {
            host.context.database().use([&](SqlSession& session) {
                session.run("UPDATE auth_accounts SET password_hash = $1 WHERE user_id = $2", {outdated, ann.id});
            });
            assertAllLogIn(host, 4);
        }
    }

    /// As the tests of a player do that run side by side with one account.
    void manyRightLoginsAtOnceAllLogIn() {
        AuthHost host({{"hashing-threads", "8"}, {"argon2-memory", "2 MiB"}, {"argon2-passes", "10"}});
        host.join("ann");
        assertAllLogIn(host, 12);
    }

    void refreshChangesTheToken() {
        const auto ann = host_.join("ann");
        const auto response = post("/auth/refresh", {{"refreshToken", ann.refreshToken}});
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(response));
        CPPUNIT_ASSERT_EQUAL(string("no-store"), string(response.headers().find("Cache-Control").value_or("")));
        const auto data = jsonData(response).as_object();
        CPPUNIT_ASSERT(data.at("refreshToken").as_string() != ann.refreshToken);
        CPPUNIT_ASSERT_EQUAL(host_.context.identity().verify(ann.accessToken).sessionId,
                             host_.context.identity().verify(data.at("accessToken").as_string()).sessionId);
    }

    void refreshTokenUsedAgainEndsItsSession() {
        const auto ann = host_.join("ann");
        const auto next = jsonData(post("/auth/refresh", {{"refreshToken", ann.refreshToken}})).as_object();
        host_.context.clock().advance(1min);
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_REUSED"),
                             outcome(post("/auth/refresh", {{"refreshToken", ann.refreshToken}})));
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_INVALID"),
                             outcome(post("/auth/refresh", {{"refreshToken", next.at("refreshToken")}})));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
    }

    void unknownRefreshTokenIsRefused() {
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_INVALID"),
                             outcome(post("/auth/refresh", {{"refreshToken", "x"}})));
    }

    void logoutEndsItsSessionAlone() {
        const auto here = host_.join("ann");
        const auto there = host_.login("ann");
        CPPUNIT_ASSERT_EQUAL(string("204"), outcome(post("/auth/logout", {}, here.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"), outcome(post("/auth/logout", {}, here.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_INVALID"),
                             outcome(post("/auth/refresh", {{"refreshToken", here.refreshToken}})));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Get, "/auth/profile", there.accessToken)));
    }

    void deviceOfAnotherIsNoneToLogInWith() {
        const auto bob = host_.join("bob");
        host_.join("ann");
        const auto device = jsonData(post("/auth/devices", {{"name", "TV"}, {"kind", "tv"}}, bob.accessToken));
        for (const auto& id : {device.at("id"), boost::json::value("no-uuid")})
            CPPUNIT_ASSERT_EQUAL(
                string("404 DEVICE_NOT_FOUND"),
                outcome(post("/auth/login",
                             {{"email", "ann@example.org"}, {"password", AuthHost::password()}, {"deviceId", id}})));
    }

    void limitsAreDeclaredForEachRoute() {
        for (const auto& route : host_.context.router().routes()) {
            CPPUNIT_ASSERT_MESSAGE(route.pattern, route.options.rateLimit.has_value());
            CPPUNIT_ASSERT_MESSAGE(route.pattern, route.options.maximumBodySize.value_or(1 << 30) <= 64 * 1024);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoginRoutesTest);
