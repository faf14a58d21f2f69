#include "identity/EndedSessions.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;
using std::chrono::minutes;
using std::chrono::seconds;

class EndedSessionsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EndedSessionsTest);
    CPPUNIT_TEST(areForgottenWhenTheirTokensHaveExpired);
    CPPUNIT_TEST(oneThatIsProlongedIsForgottenLater);
    CPPUNIT_TEST(theLaterOfTwoEndsCounts);
    CPPUNIT_TEST(sessionsAndUsersOfOneNameAreApart);
    CPPUNIT_TEST_SUITE_END();

    using Time = EndedSessions::Time;
    static constexpr Time start{std::chrono::hours(1)};
    static Identity identity(const std::string& user, const std::string& session, Time issuedAt = start) {
        Identity identity;
        identity.userId = user;
        identity.sessionId = session;
        identity.issuedAt = issuedAt;
        return identity;
    }

public:
    void areForgottenWhenTheirTokensHaveExpired() {
        EndedSessions ended;
        for (int number = 0; number < 1000; ++number)
            ended.endSession("s" + std::to_string(number), start + minutes(number + 10), start + minutes(number));
        CPPUNIT_ASSERT_EQUAL(std::size_t{11}, ended.size());
        CPPUNIT_ASSERT(ended.cover(identity("a", "s999")));
        CPPUNIT_ASSERT(!ended.cover(identity("a", "s1")));
        ended.endSession("late", start, start + minutes(2000));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, ended.size());
        CPPUNIT_ASSERT(!ended.cover(identity("a", "s999")));
    }

    void oneThatIsProlongedIsForgottenLater() {
        EndedSessions ended;
        ended.endSession("s", start + minutes(5), start);
        ended.endSession("s", start + minutes(50), start + minutes(1));
        ended.endSession("other", start + minutes(60), start + minutes(30));
        CPPUNIT_ASSERT(ended.cover(identity("a", "s")));
        ended.endSession("other", start + minutes(60), start + minutes(52));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ended.size());
        CPPUNIT_ASSERT(!ended.cover(identity("a", "s")));
    }

    void theLaterOfTwoEndsCounts() {
        EndedSessions ended;
        ended.endSession("s", start + seconds(20), start);
        ended.endSession("s", start + seconds(10), start);
        ended.endSessionsOf("u", start + seconds(5), start + seconds(20), start);
        ended.endSessionsOf("u", start + seconds(3), start + seconds(10), start);
        ended.endSession("other", start + seconds(30), start + seconds(15));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, ended.size());
        CPPUNIT_ASSERT(ended.cover(identity("a", "s")));
        CPPUNIT_ASSERT(ended.cover(identity("u", "t", start + seconds(4))));
        CPPUNIT_ASSERT(!ended.cover(identity("u", "t", start + seconds(5))));
    }

    void sessionsAndUsersOfOneNameAreApart() {
        EndedSessions ended;
        ended.endSession("ann", start + seconds(20), start);
        CPPUNIT_ASSERT(!ended.cover(identity("ann", "s")));
        ended.endSessionsOf("s", start + seconds(9), start + seconds(20), start);
        CPPUNIT_ASSERT(!ended.cover(identity("ann", "s")));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EndedSessionsTest);
