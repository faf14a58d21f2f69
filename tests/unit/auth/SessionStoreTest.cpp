#include "AccountHome.h"
#include "SessionStore.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::auth;
using namespace playhouse::tests;

/// A refresh token is good once, a stolen one ends its session.
template <class Home>
class SessionStoreTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionStoreTest);
    CPPUNIT_TEST(tabsThatRefreshAtOnceAllLive);
    CPPUNIT_TEST(aReplayAfterTheGraceWindowEndsTheFamily);
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

public:
    void setUp() override { AccountStore(home_.database()).create(user_); }

    void tabsThatRefreshAtOnceAllLive() {
        auto sessions = store();
        const auto begun = sessions.begin(ofUser());
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
        const auto begun = sessions.begin(ofUser());
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

    void beyondTheMostTheOneUsedLongestAgoEnds() {
        auto sessions = store();
        const auto first = sessions.begin(ofUser());
        clock_.advance(std::chrono::seconds(1));
        const auto second = sessions.begin(ofUser());
        const auto third = sessions.begin(ofUser());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, third.endings.size());
        CPPUNIT_ASSERT_EQUAL(first.session.id, third.endings[0].sessionId);
        CPPUNIT_ASSERT(!sessions.end(uuidText(), second.session.id));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sessions.endAll(user_.id, third.session.id).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sessions.endAll(user_.id).size());
    }
};

using SqliteSessionStoreTest = SessionStoreTest<SqliteAccounts>;
using PostgresSessionStoreTest = SessionStoreTest<PostgresAccounts>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteSessionStoreTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresSessionStoreTest);
