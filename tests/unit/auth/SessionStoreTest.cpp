#include "AccountHome.h"
#include "SessionStore.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

using namespace playhouse;
using namespace playhouse::auth;
using namespace playhouse::tests;

/// A refresh token is good once, a stolen one ends its session.
template <class Home>
class SessionStoreTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionStoreTest);
    CPPUNIT_TEST(tabsThatRefreshAtOnceAllLive);
    CPPUNIT_TEST(aReplayAfterTheGraceWindowEndsTheFamily);
    CPPUNIT_TEST(noSessionBeginsForWhoMayNotLogIn);
    CPPUNIT_TEST(noSessionOutlivesASuspensionThatRacesIt);
    CPPUNIT_TEST(onlyHashesAreStored);
    CPPUNIT_TEST(sessionsOfARemovedAccountGoWithIt);
    CPPUNIT_TEST(whatHasExpiredIsNeitherShownNorKept);
    CPPUNIT_TEST(beyondTheMostTheOneUsedLongestAgoEnds);
    CPPUNIT_TEST_SUITE_END();

    Home home_;
    testing::FakeClock clock_;
    Account user_ = accountNamed("ann");

    SessionStore store() {
        return SessionStore(home_.database(), clock_,
                            {std::chrono::hours(24), std::chrono::seconds(10), std::chrono::minutes(15), 2});
    }

    Session ofUser() const {
        Session session;
        session.userId = user_.id;
        session.userAgent = "\xff'); DROP TABLE auth_sessions; --";
        return session;
    }

    SessionStore::Begun begin(SessionStore& sessions) const {
        return sessions.begin(ofUser(), user_.passwordHash).value();
    }

    std::vector<Ending> endAll(SessionStore& sessions, const std::string& except = {}) {
        return home_.database().transaction(
            [&](SqlSession& session) { return sessions.endAll(session, user_.id, except); });
    }

public:
    void setUp() override { AccountStore(home_.database()).create(user_); }

    void tabsThatRefreshAtOnceAllLive() {
        auto sessions = store();
        const auto begun = begin(sessions);
        const auto codes = codesOfEight([&] {
            const auto one = sessions.refresh(begun.refreshToken);
            const auto next = sessions.refresh(std::get<SessionStore::Refreshed>(one).refreshToken);
            if (!std::holds_alternative<SessionStore::Refreshed>(next)) throw ApiError(500, "ENDED", "");
        });
        for (const auto& code : codes) CPPUNIT_ASSERT_EQUAL(std::string("none"), code);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sessions.of(user_.id).size());
    }

    void aReplayAfterTheGraceWindowEndsTheFamily() {
        auto sessions = store();
        const auto begun = begin(sessions);
        const auto next = std::get<SessionStore::Refreshed>(sessions.refresh(begun.refreshToken)).refreshToken;
        clock_.advance(std::chrono::seconds(11));
        const auto replayed = std::get<SessionStore::Replayed>(sessions.refresh(begun.refreshToken));
        CPPUNIT_ASSERT_EQUAL(begun.session.id, replayed.ending.sessionId);
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(next)));
        CPPUNIT_ASSERT(sessions.of(user_.id).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sessions.endings().size());
        clock_.advance(std::chrono::minutes(16));
        CPPUNIT_ASSERT(sessions.endings().empty());
        sessions.purge();
    }

    void noSessionBeginsForWhoMayNotLogIn() {
        auto sessions = store();
        AccountStore accounts(home_.database());
        CPPUNIT_ASSERT(!sessions.begin(ofUser(), "the hash of another password"));
        accounts.suspend(user_.id, clock_.now(), "spam");
        CPPUNIT_ASSERT(!sessions.begin(ofUser(), user_.passwordHash));
        accounts.suspend(user_.id, std::nullopt, {});
        CPPUNIT_ASSERT(sessions.begin(ofUser(), user_.passwordHash));
        accounts.remove(user_.id);
        CPPUNIT_ASSERT(!sessions.begin(ofUser(), user_.passwordHash));
        auto nobody = ofUser();
        nobody.userId = "nobody";
        CPPUNIT_ASSERT(!sessions.begin(nobody, user_.passwordHash));
        CPPUNIT_ASSERT(sessions.of(user_.id).empty());
    }

    void noSessionOutlivesASuspensionThatRacesIt() {
        auto sessions = store();
        AccountStore accounts(home_.database());
        std::atomic<int> turn{0};
        const auto codes = codesOfEight([&] {
            if (turn++ == 3)
                accounts.suspend(user_.id, clock_.now(), "spam",
                                 [&](SqlSession& session) { sessions.endAll(session, user_.id); });
            else
                sessions.begin(ofUser(), user_.passwordHash);
        });
        for (const auto& code : codes) CPPUNIT_ASSERT_EQUAL(std::string("none"), code);
        CPPUNIT_ASSERT(sessions.of(user_.id).empty());
    }

    void onlyHashesAreStored() {
        auto sessions = store();
        const auto begun = begin(sessions);
        const auto next = std::get<SessionStore::Refreshed>(sessions.refresh(begun.refreshToken)).refreshToken;
        home_.database().use([&](SqlSession& session) {
            const auto rows = session.run("SELECT token_hash FROM auth_refresh_tokens");
            CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
            for (std::size_t index = 0; index < rows.size(); ++index)
                for (const auto& token : {begun.refreshToken, next})
                    CPPUNIT_ASSERT(rows[index].text("token_hash") != token);
        });
    }

    void sessionsOfARemovedAccountGoWithIt() {
        auto sessions = store();
        const auto begun = begin(sessions);
        std::vector<Ending> endings;
        AccountStore(home_.database()).remove(user_.id, [&](SqlSession& session) {
            endings = sessions.endAll(session, user_.id);
        });
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(begun.refreshToken)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, endings.size());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("they are noted still", std::size_t{2}, sessions.endings().size());
    }

    void whatHasExpiredIsNeitherShownNorKept() {
        auto sessions = store();
        const auto begun = begin(sessions);
        clock_.advance(std::chrono::hours(24));
        CPPUNIT_ASSERT(sessions.of(user_.id).empty());
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(begun.refreshToken)));
        sessions.purge();
        home_.database().use([&](SqlSession& session) {
            for (const auto* table : {"auth_sessions", "auth_refresh_tokens"})
                CPPUNIT_ASSERT(session.run(std::string("SELECT 1 AS one FROM ") + table).empty());
        });
    }

    void beyondTheMostTheOneUsedLongestAgoEnds() {
        auto sessions = store();
        const auto first = begin(sessions);
        clock_.advance(std::chrono::seconds(1));
        const auto second = begin(sessions);
        const auto third = begin(sessions);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, third.endings.size());
        CPPUNIT_ASSERT_EQUAL(first.session.id, third.endings[0].sessionId);
        CPPUNIT_ASSERT(!sessions.end(uuidText(), second.session.id));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, endAll(sessions, third.session.id).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, endAll(sessions).size());
    }
};

using SqliteSessionStoreTest = SessionStoreTest<SqliteAccounts>;
using PostgresSessionStoreTest = SessionStoreTest<PostgresAccounts>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteSessionStoreTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresSessionStoreTest);
