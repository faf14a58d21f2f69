#include "AuthHost.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;

class ProfileRoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ProfileRoutesTest);
    CPPUNIT_TEST(profileIsForItsOwner);
    CPPUNIT_TEST(nobodyMakesHimselfAdministrator);
    CPPUNIT_TEST(addressChangesWithThePasswordAlone);
    CPPUNIT_TEST(newPasswordEndsOtherSessions);
    CPPUNIT_TEST(wrongCurrentPasswordChangesNothing);
    CPPUNIT_TEST(tiersAreForEverybody);
    CPPUNIT_TEST_SUITE_END();

    AuthHost host_;

    Response change(const string& token, const boost::json::object& body) {
        return host_.ask(Method::Patch, "/auth/profile", token, body);
    }

public:
    void profileIsForItsOwner() {
        const auto ann = host_.join("ann");
        const auto response = host_.ask(Method::Get, "/auth/profile", ann.accessToken);
        CPPUNIT_ASSERT_EQUAL(ann.id, string(jsonData(response).at("id").as_string()));
        CPPUNIT_ASSERT(bodyText(response).find("argon2") == string::npos);
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_MISSING"), outcome(host_.ask(Method::Get, "/auth/profile")));
    }

    void nobodyMakesHimselfAdministrator() {
        const auto ann = host_.join("ann");
        for (const string field : {"role", "tier", "subscriptionTier", "passwordHash", "id", "suspendedAt"})
            CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"),
                                 outcome(change(ann.accessToken, {{"username", "anna"}, {field, "admin"}})));
        CPPUNIT_ASSERT_EQUAL(string("400 NOTHING_TO_CHANGE"), outcome(change(ann.accessToken, {})));
        const auto profile = jsonData(host_.ask(Method::Get, "/auth/profile", ann.accessToken));
        CPPUNIT_ASSERT_EQUAL(string("viewer"), string(profile.at("role").as_string()));
        CPPUNIT_ASSERT_EQUAL(string("ann"), string(profile.at("username").as_string()));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(change(ann.accessToken, {{"username", "anna"}})));
    }

    void addressChangesWithThePasswordAlone() {
        const auto ann = host_.join("ann");
        CPPUNIT_ASSERT_EQUAL(string("400 INVALID_FIELDS"),
                             outcome(change(ann.accessToken, {{"email", "new@example.org"}})));
        CPPUNIT_ASSERT_EQUAL(
            string("403 PASSWORD_WRONG"),
            outcome(change(ann.accessToken, {{"email", "new@example.org"}, {"currentPassword", "not this"}})));
        CPPUNIT_ASSERT_EQUAL(
            string("200"), outcome(change(ann.accessToken,
                                          {{"email", "new@example.org"}, {"currentPassword", AuthHost::password()}})));
        CPPUNIT_ASSERT(!host_.login("new").accessToken.empty());
    }

    void newPasswordEndsOtherSessions() {
        const auto here = host_.join("ann");
        const auto there = host_.login("ann");
        const string next = "marble orchard tide 93";
        CPPUNIT_ASSERT_EQUAL(string("204"),
                             outcome(host_.ask(Method::Post, "/auth/password", here.accessToken,
                                               {{"currentPassword", AuthHost::password()}, {"newPassword", next}})));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", there.accessToken)));
        CPPUNIT_ASSERT_EQUAL(
            string("401 REFRESH_TOKEN_INVALID"),
            outcome(host_.ask(Method::Post, "/auth/refresh", {}, {{"refreshToken", there.refreshToken}})));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Get, "/auth/profile", here.accessToken)));
        CPPUNIT_ASSERT(!host_.login("ann", next).accessToken.empty());
    }

    void wrongCurrentPasswordChangesNothing() {
        const auto ann = host_.join("ann");
        CPPUNIT_ASSERT_EQUAL(
            string("403 PASSWORD_WRONG"),
            outcome(host_.ask(Method::Post, "/auth/password", ann.accessToken,
                              {{"currentPassword", "not this"}, {"newPassword", "tide orchard 93 x"}})));
        CPPUNIT_ASSERT(!host_.login("ann").accessToken.empty());
    }

    void tiersAreForEverybody() {
        const auto tiers = jsonData(host_.ask(Method::Get, "/auth/tiers")).at("tiers").as_array();
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), tiers.size());
        CPPUNIT_ASSERT_EQUAL(string("free"), string(tiers.at(0).at("name").as_string()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProfileRoutesTest);
