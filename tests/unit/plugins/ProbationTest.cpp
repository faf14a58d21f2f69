#include "plugins/Probation.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>

using namespace playhouse::host;
using std::chrono::seconds;

/// A new version is judged by what the version before did, and chance decides nothing.
class ProbationTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ProbationTest);
    CPPUNIT_TEST(moreErrorsThanBeforeAreAFault);
    CPPUNIT_TEST(asManyErrorsAsBeforeAreNone);
    CPPUNIT_TEST(whatChanceExplainsIsNoFault);
    CPPUNIT_TEST(ofFewRequestsAllMustFail);
    CPPUNIT_TEST(fewRequestsSayNothingWhenTheVersionBeforeFailedToo);
    CPPUNIT_TEST(errorsOfTheLastWindowCountForTheVersionBefore);
    CPPUNIT_TEST(errorsOfAllItsTimeCountForTheVersionBefore);
    CPPUNIT_TEST_SUITE_END();

    using Totals = AnswerCounts::Totals;

    static bool isFault(double errorShareBefore, Totals totals) {
        return Probation(errorShareBefore, {.errorRate = 10, .minimumRequests = 20}).fault(totals).has_value();
    }

public:
    void moreErrorsThanBeforeAreAFault() {
        CPPUNIT_ASSERT(isFault(0, {20, 2}));
        CPPUNIT_ASSERT(!isFault(0, {20, 1}));
        CPPUNIT_ASSERT(isFault(0.01, {1000, 111}));
        CPPUNIT_ASSERT(!isFault(0.01, {1000, 109}));
        const auto reason = Probation(0.01, {}).fault({1000, 500}).value();
        CPPUNIT_ASSERT_EQUAL(std::string("500 of its 1000 answers were errors (50.0 %; before: 1.0 %)"), reason);
    }

    void asManyErrorsAsBeforeAreNone() {
        CPPUNIT_ASSERT(!isFault(0.5, {1000, 500}));
        CPPUNIT_ASSERT(!isFault(1, {1000, 1000}));
        CPPUNIT_ASSERT(!isFault(0, {1000, 0}));
        CPPUNIT_ASSERT(!isFault(0, {0, 0}));
    }

    void whatChanceExplainsIsNoFault() {
        CPPUNIT_ASSERT(!isFault(0.2, {20, 9}));
        CPPUNIT_ASSERT(isFault(0.2, {20, 10}));
    }

    void ofFewRequestsAllMustFail() {
        CPPUNIT_ASSERT(!isFault(0, {4, 4}));
        CPPUNIT_ASSERT(isFault(0, {5, 5}));
        CPPUNIT_ASSERT(!isFault(0, {19, 18}));
    }

    void fewRequestsSayNothingWhenTheVersionBeforeFailedToo() { CPPUNIT_ASSERT(!isFault(0.6, {5, 5})); }

    void errorsOfTheLastWindowCountForTheVersionBefore() {
        RecentAnswers recent;
        const RecentAnswers::Time start{};
        recent.note({0, 0}, start, seconds(30));
        recent.note({100'000, 0}, start + seconds(85), seconds(30));
        recent.note({100'050, 25}, start + seconds(116), seconds(30));
        CPPUNIT_ASSERT_DOUBLES_EQUAL(0.5, recent.errorShare({100'100, 50}), 0.001);
    }

    void errorsOfAllItsTimeCountForTheVersionBefore() {
        RecentAnswers recent;
        CPPUNIT_ASSERT_DOUBLES_EQUAL(0.1, recent.errorShare({1000, 100}), 0.001);
        recent.note({1000, 100}, {}, seconds(30));
        CPPUNIT_ASSERT_DOUBLES_EQUAL(0.1, recent.errorShare({1000, 100}), 0.001);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(0, RecentAnswers().errorShare({0, 0}), 0.001);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProbationTest);
