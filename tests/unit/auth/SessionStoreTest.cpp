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
    CPPUNIT_TEST(aReplayIsKnownWhenTheTokenIsNotKeptAnyMore);
    CPPUNIT_TEST(surplusTokensAreNotKept);
    CPPUNIT_TEST(foreignTokensAreUnknown);
    CPPUNIT_TEST(anEndingLastsAsLongAsTheAccessTokensThatWereIssued);
    CPPUNIT_TEST(aSessionCanBeEndedAsLongAsItsAccessTokensLive);
    CPPUNIT_TEST(renewedAccessRefusesWhatWasIssuedBefore);
    CPPUNIT_TEST(endingsAreReadInPagesAndSinceATime);
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

    std::chrono::seconds accessLifetime_ = std::chrono::minutes(15);

    SessionStore store() {
        return SessionStore(home_.database(), clock_,
                            {std::chrono::hours(24), std::chrono::seconds(10), [this] { return accessLifetime_; }, 2});
    }

    static std::size_t endingsOf(SessionStore& sessions) {
        std::size_t count = 0;
        sessions.eachEnding([&](const Ending&) { ++count; });
        return count;
    }

    std::size_t rowsOf(const std::string& table) {
        return home_.database().use(
            [&](SqlSession& session) { return session.run("SELECT 1 AS one FROM " + table).size(); });
    }

    static std::string refreshed(SessionStore& sessions, const std::string& token) {
        return std::get<SessionStore::Refreshed>(sessions.refresh(token)).refreshToken;
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
        CPPUNIT_ASSERT_EQUAL(begun.session.accessId, replayed.ending.accessId);
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(next)));
        CPPUNIT_ASSERT(sessions.of(user_.id).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, endingsOf(sessions));
        clock_.advance(std::chrono::minutes(17));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, endingsOf(sessions));
        sessions.purge();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, rowsOf("auth_endings"));
    }

    void aReplayIsKnownWhenTheTokenIsNotKeptAnyMore() {
        auto sessions = store();
        const auto begun = begin(sessions);
        auto last = begun.refreshToken;
        for (int time = 0; time < 5; ++time) last = refreshed(sessions, last);
        clock_.advance(std::chrono::minutes(2));
        sessions.purge();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rowsOf("auth_refresh_tokens"));
        last = refreshed(sessions, last);
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Replayed>(sessions.refresh(begun.refreshToken)));
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(last)));
    }

    void surplusTokensAreNotKept() {
        auto sessions = store();
        const auto begun = begin(sessions);
        for (int time = 0; time < 50; ++time) {
            refreshed(sessions, begun.refreshToken);
            clock_.advance(std::chrono::milliseconds(100));
        }
        const auto last = refreshed(sessions, begun.refreshToken);
        clock_.advance(std::chrono::minutes(2));
        sessions.purge();
        CPPUNIT_ASSERT_EQUAL(std::size_t{20}, rowsOf("auth_refresh_tokens"));
        refreshed(sessions, last);
    }

    void foreignTokensAreUnknown() {
        auto sessions = store();
        const auto begun = begin(sessions);
        auto changed = begun.refreshToken;
        changed.back() = changed.back() == '0' ? '1' : '0';
        auto other = begun.refreshToken;
        other[40] = other[40] == '0' ? '1' : '0';
        for (const auto& token : {changed, other, begun.refreshToken.substr(1), begun.refreshToken + "0",
                                  std::string(128, 'a'), std::string(128, 'z'), std::string()})
            CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(token)));
        refreshed(sessions, begun.refreshToken);
    }

    void anEndingLastsAsLongAsTheAccessTokensThatWereIssued() {
        auto sessions = store();
        accessLifetime_ = std::chrono::hours(5);
        const auto long1 = begin(sessions);
        accessLifetime_ = std::chrono::minutes(1);
        const auto next = std::get<SessionStore::Refreshed>(sessions.refresh(long1.refreshToken));
        CPPUNIT_ASSERT(next.accessLifetime == std::chrono::minutes(1));
        const auto ending = sessions.endByAccess(user_.id, long1.session.accessId).value();
        CPPUNIT_ASSERT(ending.until >= clock_.now() + std::chrono::hours(5));
    }

    void aSessionCanBeEndedAsLongAsItsAccessTokensLive() {
        auto sessions = store();
        accessLifetime_ = std::chrono::hours(48);
        const auto begun = begin(sessions);
        clock_.advance(std::chrono::hours(30));
        sessions.purge();
        CPPUNIT_ASSERT(sessions.of(user_.id).empty());
        CPPUNIT_ASSERT(std::holds_alternative<SessionStore::Unknown>(sessions.refresh(begun.refreshToken)));
        CPPUNIT_ASSERT(sessions.endByAccess(user_.id, begun.session.accessId));
    }

    void renewedAccessRefusesWhatWasIssuedBefore() {
        auto sessions = store();
        const auto begun = begin(sessions);
        const auto endings =
            home_.database().transaction([&](SqlSession& session) { return sessions.renewAccess(session, user_.id); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, endings.size());
        CPPUNIT_ASSERT_EQUAL(begun.session.accessId, endings[0].accessId);
        const auto next = std::get<SessionStore::Refreshed>(sessions.refresh(begun.refreshToken));
        CPPUNIT_ASSERT_EQUAL(begun.session.id, next.session.id);
        CPPUNIT_ASSERT(next.session.accessId != begun.session.accessId);
        CPPUNIT_ASSERT(!sessions.endByAccess(user_.id, begun.session.accessId));
        CPPUNIT_ASSERT(sessions.endByAccess(user_.id, next.session.accessId));
    }

    void endingsAreReadInPagesAndSinceATime() {
        auto sessions = store();
        const auto noted = clock_.now();
        home_.database().transaction([&](SqlSession& session) {
            const std::vector<std::string> columns{"access_id", "until_time", "noted_at"};
            std::vector<std::vector<SqlValue>> rows;
            for (int number = 0; number < 12'001; ++number)
                rows.push_back({uuidText(), sqlTime(noted + std::chrono::hours(1)), sqlTime(noted)});
            session.insert("auth_endings", columns, rows);
        });
        CPPUNIT_ASSERT_EQUAL(std::size_t{12'001}, endingsOf(sessions));
        CPPUNIT_ASSERT_EQUAL(std::size_t{12'001}, sessions.endingsSince(noted).size());
        clock_.advance(std::chrono::seconds(1));
        const auto begun = begin(sessions);
        sessions.end(user_.id, begun.session.id);
        const auto later = sessions.endingsSince(clock_.now());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, later.size());
        CPPUNIT_ASSERT_EQUAL(begun.session.accessId, later[0].accessId);
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
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, endings.size());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("it is noted still", std::size_t{1}, endingsOf(sessions));
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
        CPPUNIT_ASSERT_EQUAL(first.session.accessId, third.endings[0].accessId);
        CPPUNIT_ASSERT(!sessions.end(uuidText(), second.session.id));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, endAll(sessions, third.session.accessId).size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, endAll(sessions).size());
    }
};

using SqliteSessionStoreTest = SessionStoreTest<SqliteAccounts>;
using PostgresSessionStoreTest = SessionStoreTest<PostgresAccounts>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteSessionStoreTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresSessionStoreTest);
