#include "AuthHost.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::testing;
using std::string;

class SessionRoutesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionRoutesTest);
    CPPUNIT_TEST(sessionsTellWhereSomebodyIsLoggedIn);
    CPPUNIT_TEST(endedSessionIsRefusedAtOnce);
    CPPUNIT_TEST(sessionsOfOthersAreNotThere);
    CPPUNIT_TEST(endingsAreCaughtUpAfterAGap);
    CPPUNIT_TEST(userAgentIsStoredAsOneShortLine);
    CPPUNIT_TEST_SUITE_END();

    AuthHost host_;

    /// "sid" of its access token.
    string accessOf(const AuthHost::Member& member) {
        return host_.context.identity().verify(member.accessToken).sessionId;
    }

    /// The id of the session that this access token is of.
    string sessionOf(const AuthHost::Member& member) {
        const auto data = jsonData(host_.ask(Method::Get, "/auth/sessions", member.accessToken));
        for (const auto& session : data.at("sessions").as_array())
            if (session.at("current").as_bool()) return string(session.at("id").as_string());
        return {};
    }

public:
    void sessionsTellWhereSomebodyIsLoggedIn() {
        const auto here = host_.join("ann");
        const auto there = host_.login("ann");
        const auto data = jsonData(host_.ask(Method::Get, "/auth/sessions", here.accessToken));
        const auto& sessions = data.at("sessions").as_array();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), sessions.size());
        CPPUNIT_ASSERT(sessionOf(here) != sessionOf(there));
        CPPUNIT_ASSERT(sessionOf(here) != "" && sessionOf(there) != "");
        for (const auto& session : sessions) {
            CPPUNIT_ASSERT_EQUAL(string("192.0.2.1"), string(session.at("address").as_string()));
        }
    }

    void endedSessionIsRefusedAtOnce() {
        const auto here = host_.join("ann");
        const auto there = host_.login("ann");
        CPPUNIT_ASSERT_EQUAL(
            string("204"), outcome(host_.ask(Method::Delete, "/auth/sessions/" + sessionOf(there), here.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", there.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Get, "/auth/profile", here.accessToken)));
    }

    void sessionsOfOthersAreNotThere() {
        const auto ann = host_.join("ann");
        const auto bob = host_.join("bob");
        for (const auto& id : {sessionOf(bob), string("no-uuid"), string("f81d4fae-7dec-41d0-a765-00a0c91e6bf6")})
            CPPUNIT_ASSERT_EQUAL(string("404 SESSION_NOT_FOUND"),
                                 outcome(host_.ask(Method::Delete, "/auth/sessions/" + id, ann.accessToken)));
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Get, "/auth/profile", bob.accessToken)));
    }

    void endingsAreCaughtUpAfterAGap() {
        const auto ann = host_.join("ann");
        const auto until = sqlTime(host_.context.clock().now() + std::chrono::hours(24));
        // As another host notes it, whose message was lost.
        host_.context.database().transaction([&](SqlSession& session) {
            session.run("INSERT INTO auth_endings (access_id, until_time, noted_at) VALUES ($1, $2, $3)",
                        {accessOf(ann), until, sqlTime(host_.context.clock().now())});
        });
        CPPUNIT_ASSERT_EQUAL(string("200"), outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
        host_.context.bus().tellGap();
        CPPUNIT_ASSERT_EQUAL(string("401 TOKEN_REVOKED"),
                             outcome(host_.ask(Method::Get, "/auth/profile", ann.accessToken)));
    }

    void userAgentIsStoredAsOneShortLine() {
        host_.join("ann");
        Headers headers;
        headers.add("User-Agent", "player\t<b>\xff" + string(2000, 'x'));
        const auto login =
            jsonData(host_.ask(Method::Post, "/auth/login", {},
                               {{"email", "ann@example.org"}, {"password", AuthHost::password()}}, std::move(headers)));
        const auto data =
            jsonData(host_.ask(Method::Get, "/auth/sessions", string(login.at("accessToken").as_string())));
        for (const auto& session : data.at("sessions").as_array()) {
            if (!session.at("current").as_bool()) continue;
            const string agent(session.at("userAgent").as_string());
            CPPUNIT_ASSERT(agent.size() <= 500 && agent.starts_with("player <b>\xEF\xBF\xBDxxx"));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SessionRoutesTest);
