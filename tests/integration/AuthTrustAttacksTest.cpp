#include "AuthServer.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

using auth_server::ask;
using auth_server::join;
using std::string;

/// What somebody tries who wants what is not his, through the program, on whatever backends this run is for.
class AuthTrustAttacksTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AuthTrustAttacksTest);
    CPPUNIT_TEST(whatIsSomebodyElsesIsNotThere);
    CPPUNIT_TEST(forgedTokensAreRefusedEachWithItsCode);
    CPPUNIT_TEST(tokensOfWhoIsSuspendedOrGoneAreRefused);
    CPPUNIT_TEST(aStolenRefreshTokenEndsItsFamily);
    CPPUNIT_TEST(nobodyLearnsWhoHasAnAccount);
    CPPUNIT_TEST(guessesAreSlowedDown);
    CPPUNIT_TEST_SUITE_END();

    ServerProcess server_{auth_server::configuration() +
                          "plugin.auth.refresh-grace = 0 s\n"
                          "identity.clock-tolerance = 0 s\n"};

public:
    void setUp() override { server_.start(); }

    void whatIsSomebodyElsesIsNotThere() {
        const auto ann = join(server_, "ann");
        const auto bob = join(server_, "bob");
        const auto device =
            ask(server_, "POST", "/auth/devices", ann.accessToken, {{"name", "tv"}}).json().at("data").at("id");
        const auto session =
            ask(server_, "GET", "/auth/sessions", ann.accessToken).json().at("data").at("sessions").at(0).at("id");
        const auto mine = [](const boost::json::value& id) { return string(id.as_string()); };
        CPPUNIT_ASSERT_EQUAL(string("404 DEVICE_NOT_FOUND"),
                             ask(server_, "DELETE", "/auth/devices/" + mine(device), bob.accessToken).outcome());
        CPPUNIT_ASSERT_EQUAL(string("404 SESSION_NOT_FOUND"),
                             ask(server_, "DELETE", "/auth/sessions/" + mine(session), bob.accessToken).outcome());
        CPPUNIT_ASSERT_EQUAL(
            string("404 DEVICE_NOT_FOUND"),
            ask(server_, "POST", "/auth/login", {},
                {{"email", "bob@example.org"}, {"password", auth_server::password()}, {"deviceId", mine(device)}})
                .outcome());
        CPPUNIT_ASSERT_EQUAL(
            string("404 DEVICE_NOT_FOUND"),
            ask(server_, "DELETE", "/auth/devices/" + string(auth_server::nobody), bob.accessToken).outcome());
        const auto devices = ask(server_, "GET", "/auth/devices", ann.accessToken).json();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, devices.at("data").at("devices").as_array().size());
        CPPUNIT_ASSERT(ask(server_, "GET", "/auth/sessions", bob.accessToken).body.find(mine(session)) == string::npos);
        CPPUNIT_ASSERT_EQUAL(200, ask(server_, "GET", "/auth/profile", ann.accessToken).status);
    }

    void forgedTokensAreRefusedEachWithItsCode() {
        const auto ann = join(server_, "ann");
        std::ifstream file(server_.storage() / "token-secret");
        string secret{std::istreambuf_iterator<char>(file), {}};
        while (!secret.empty() && secret.back() == '\n') secret.pop_back();
        const auto claims = auth_server::claimsOf(ann.accessToken);
        const auto code = [&](const string& token) { return ask(server_, "GET", "/auth/profile", token).outcome(); };
        const auto with = [&](const string& name, const boost::json::value& value) {
            auto changed = claims;
            changed[name] = value;
            return code(auth_server::forged("HS256", changed, secret));
        };
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the forger works", string("200"),
                                     code(auth_server::forged("HS256", claims, secret)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_ALGORITHM"), code(auth_server::forged("none", claims, secret)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_ALGORITHM"), code(auth_server::forged("HS512", claims, secret)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_ALGORITHM"), code(auth_server::forged("ES256", claims, secret)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_SIGNATURE"), code(auth_server::forged("HS256", claims, secret + "x")));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_SIGNATURE"), code(auth_server::forged("HS256", claims, "")));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_ISSUER"), with("iss", "somebody"));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_AUDIENCE"), with("aud", "others"));
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_EXPIRED"), with("exp", now - 1));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_NOT_YET_VALID"), with("nbf", now + 3600));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_MALFORMED"), code("a.b.c"));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_MALFORMED"), code(string(9'000, 'a')));
        CPPUNIT_ASSERT_EQUAL(string("431 REQUEST_HEADER_FIELDS_TOO_LARGE"), code(string(20'000, 'a')));
        // Who has the secret of no token cannot be somebody else either.
        CPPUNIT_ASSERT_EQUAL(string("401 ACCOUNT_GONE"), with("sub", auth_server::nobody));
        // Roles in a token are those of the moment it was made; what they allow is looked up.
        auto elevated = claims;
        elevated["roles"] = boost::json::array{"admin"};
        CPPUNIT_ASSERT_EQUAL(
            string("403 FORBIDDEN"),
            ask(server_, "GET", "/auth/admin/users", auth_server::forged("HS256", elevated, secret)).outcome());
    }

    void tokensOfWhoIsSuspendedOrGoneAreRefused() {
        const auto admin = auth_server::demo(server_, "admin").accessToken;
        const auto ann = join(server_, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(server_, "GET", "/auth/profile", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(
            200, ask(server_, "POST", "/auth/admin/users/" + ann.id + "/suspend", admin, {{"reason", "spam"}}).status);
        for (const auto* path : {"/auth/profile", "/auth/sessions", "/auth/devices"})
            CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"), ask(server_, "GET", path, ann.accessToken).outcome());
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_INVALID"),
                             ask(server_, "POST", "/auth/refresh", {}, {{"refreshToken", ann.refreshToken}}).outcome());
        const auto refused = ask(server_, "POST", "/auth/login", {},
                                 {{"email", "ann@example.org"}, {"password", auth_server::password()}});
        CPPUNIT_ASSERT_EQUAL(string("403 ACCOUNT_SUSPENDED"), refused.outcome());
        CPPUNIT_ASSERT_EQUAL(
            string("401 INVALID_CREDENTIALS"),
            ask(server_, "POST", "/auth/login", {}, {{"email", "ann@example.org"}, {"password", "wrong"}}).outcome());
        CPPUNIT_ASSERT_EQUAL(200, ask(server_, "POST", "/auth/admin/users/" + ann.id + "/resume", admin).status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a suspension that is lifted gives no old token back", string("401 TOKEN_REVOKED"),
                                     ask(server_, "GET", "/auth/profile", ann.accessToken).outcome());
        const auto again = auth_server::login(server_, "ann@example.org", auth_server::password());
        CPPUNIT_ASSERT_EQUAL(204, ask(server_, "DELETE", "/auth/admin/users/" + ann.id, admin).status);
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             ask(server_, "GET", "/auth/profile", again.accessToken).outcome());
        CPPUNIT_ASSERT_EQUAL(string("401 INVALID_CREDENTIALS"),
                             ask(server_, "POST", "/auth/login", {},
                                 {{"email", "ann@example.org"}, {"password", auth_server::password()}})
                                 .outcome());
        // The endings are kept over a restart.
        server_.kill();
        server_.start();
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             ask(server_, "GET", "/auth/profile", again.accessToken).outcome());
    }

    void aStolenRefreshTokenEndsItsFamily() {
        const auto ann = join(server_, "ann");
        const auto elsewhere = auth_server::login(server_, "ann@example.org", auth_server::password());
        const auto refresh = [&](const string& token) {
            return ask(server_, "POST", "/auth/refresh", {}, {{"refreshToken", token}});
        };
        const auto next = auth_server::memberOf(refresh(ann.refreshToken));
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_REUSED"), refresh(ann.refreshToken).outcome());
        CPPUNIT_ASSERT_EQUAL(string("401 REFRESH_TOKEN_INVALID"), refresh(next.refreshToken).outcome());
        for (const auto& token : {ann.accessToken, next.accessToken})
            CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"), ask(server_, "GET", "/auth/profile", token).outcome());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("another login is another family", 200,
                                     ask(server_, "GET", "/auth/profile", elsewhere.accessToken).status);
    }

    void nobodyLearnsWhoHasAnAccount() {
        join(server_, "ann");
        auto known = ask(server_, "POST", "/auth/login", {}, {{"email", "ann@example.org"}, {"password", "wrong"}});
        auto unknown = ask(server_, "POST", "/auth/login", {}, {{"email", "bob@example.org"}, {"password", "wrong"}});
        const auto withoutTheMoment = [](HttpAnswer answer) {
            for (const auto* header : {"Date", "X-Request-Id", "X-RateLimit-Remaining", "X-RateLimit-Reset"})
                answer.headers.erase(header);
            auto json = answer.json().as_object();
            json.erase("timestamp");
            return std::pair(answer.headers, boost::json::serialize(json));
        };
        CPPUNIT_ASSERT_EQUAL(401, known.status);
        CPPUNIT_ASSERT_EQUAL(401, unknown.status);
        CPPUNIT_ASSERT(withoutTheMoment(known) == withoutTheMoment(unknown));
    }

    void guessesAreSlowedDown() {
        join(server_, "ann");
        const auto guess = [&](const string& email) {
            return ask(server_, "POST", "/auth/login", {}, {{"email", email}, {"password", "wrong"}});
        };
        for (const string email : {"ann@example.org", "nobody@example.org"}) {
            for (int number = 0; number < 6; ++number)
                CPPUNIT_ASSERT_EQUAL(string("401 INVALID_CREDENTIALS"), guess(email).outcome());
            const auto locked = guess(email);
            CPPUNIT_ASSERT_EQUAL(string("429 LOGIN_LOCKED"), locked.outcome());
            CPPUNIT_ASSERT(std::stoi(locked.headers.at("Retry-After")) > 0);
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE("also with the right password", string("429 LOGIN_LOCKED"),
                                     ask(server_, "POST", "/auth/login", {},
                                         {{"email", "ann@example.org"}, {"password", auth_server::password()}})
                                         .outcome());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AuthTrustAttacksTest);
