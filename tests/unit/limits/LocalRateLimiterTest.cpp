#include "limits/LocalRateLimiter.h"

#include <playhouse/testing/FakeClock.h>

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace playhouse::host;
using playhouse::testing::FakeClock;
using std::chrono::milliseconds;
using std::chrono::seconds;

class LocalRateLimiterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LocalRateLimiterTest);
    CPPUNIT_TEST(soManyAreAllowedInAWindow);
    CPPUNIT_TEST(aWindowBeginsWithItsFirstRequestAndEndsAtItsEdge);
    CPPUNIT_TEST(keysCountApart);
    CPPUNIT_TEST(whatIsOverGoes);
    CPPUNIT_TEST(neverHoldsMoreThanItMay);
    CPPUNIT_TEST(threadsCountExactly);
    CPPUNIT_TEST_SUITE_END();

    FakeClock clock_;
    LocalRateLimiter limiter_{clock_};

public:
    void soManyAreAllowedInAWindow() {
        for (std::uint32_t left : {2U, 1U, 0U}) {
            const auto status = limiter_.count("k", 3, seconds(10));
            CPPUNIT_ASSERT(status.isAllowed);
            CPPUNIT_ASSERT_EQUAL(3U, status.limit);
            CPPUNIT_ASSERT_EQUAL(left, status.remaining);
            CPPUNIT_ASSERT(status.resetsIn == seconds(10) && status.resetsAt == clock_.now() + seconds(10));
        }
        const auto beyond = limiter_.count("k", 3, seconds(10));
        CPPUNIT_ASSERT(!beyond.isAllowed);
        CPPUNIT_ASSERT_EQUAL(0U, beyond.remaining);
    }

    void aWindowBeginsWithItsFirstRequestAndEndsAtItsEdge() {
        clock_.advance(milliseconds(777));
        limiter_.count("k", 1, seconds(10));
        clock_.advance(milliseconds(9'999));
        const auto last = limiter_.count("k", 1, seconds(10));
        CPPUNIT_ASSERT(!last.isAllowed);
        CPPUNIT_ASSERT(last.resetsIn == milliseconds(1));
        clock_.advance(milliseconds(1));
        const auto first = limiter_.count("k", 1, seconds(10));
        CPPUNIT_ASSERT(first.isAllowed);
        CPPUNIT_ASSERT(first.resetsIn == seconds(10));
    }

    void keysCountApart() {
        CPPUNIT_ASSERT(limiter_.count("a", 1, seconds(1)).isAllowed);
        CPPUNIT_ASSERT(limiter_.count("b", 1, seconds(1)).isAllowed);
        CPPUNIT_ASSERT(!limiter_.count("a", 1, seconds(1)).isAllowed);
    }

    void whatIsOverGoes() {
        for (int number = 0; number < 1000; ++number) limiter_.count(std::to_string(number), 1, seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, limiter_.size());
        clock_.advance(milliseconds(1000));
        for (int number = 0; number < 200; ++number) limiter_.count("new" + std::to_string(number), 1, seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{200}, limiter_.size());
    }

    void neverHoldsMoreThanItMay() {
        LocalRateLimiter small(clock_, 160);
        small.count("patient", 1, seconds(1000));
        for (int number = 0; number < 10'000; ++number) small.count(std::to_string(number), 1, seconds(1));
        CPPUNIT_ASSERT(small.size() <= 160);
        CPPUNIT_ASSERT_MESSAGE("one that ends later was dropped", !small.count("patient", 1, seconds(1000)).isAllowed);
    }

    void threadsCountExactly() {
        std::atomic<int> allowed{0};
        std::vector<std::thread> threads;
        for (int index = 0; index < 8; ++index)
            threads.emplace_back([&] {
                for (int number = 0; number < 1000; ++number) {
                    if (limiter_.count("shared", 5000, seconds(100)).isAllowed) ++allowed;
                    limiter_.count("other " + std::to_string(number), 1, seconds(100));
                }
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(5000, allowed.load());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LocalRateLimiterTest);
