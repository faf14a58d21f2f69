#include "LoginGuard.h"

#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeCache.h>
#include <playhouse/testing/FakeClock.h>

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <list>
#include <string>
#include <vector>

namespace playhouse::auth {

using namespace std::chrono_literals;

class LoginGuardTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LoginGuardTest);
    CPPUNIT_TEST(firstFailuresAreFree);
    CPPUNIT_TEST(eachFailureDoublesTheDelayUpToTheLimit);
    CPPUNIT_TEST(anotherAddressAndAnotherAccountAreNotDelayed);
    CPPUNIT_TEST(accountIsDelayedFromEverywhereWithMorePatience);
    CPPUNIT_TEST(addressIsDelayedForAllAccountsWithMostPatience);
    CPPUNIT_TEST(ipv6AddressesCountByTheirNetwork);
    CPPUNIT_TEST(successEndsTheCountOfItsOwnPair);
    CPPUNIT_TEST(successLeavesAccountAndAddressCounted);
    CPPUNIT_TEST(failuresAreForgottenInTime);
    CPPUNIT_TEST(guardsShareWhatTheyCount);
    CPPUNIT_TEST(withoutTheSharedCacheEachHostCounts);
    CPPUNIT_TEST(guessesAtOnceGetNoMoreThanInTurn);
    CPPUNIT_TEST(threadsAtOnceGetNoMoreThanInTurn);
    CPPUNIT_TEST(tabsThatLogInAtOnceAllDo);
    CPPUNIT_TEST(aGuessThatEndsWithoutAWordIsTakenBack);
    CPPUNIT_TEST_SUITE_END();

    testing::FakeClock clock_;
    testing::FakeCache cache_{clock_};
    LoginGuard guard_{cache_, clock_, {.freeAttempts = 2, .firstDelay = 1s, .longestDelay = 8s}};

    /// Seconds to wait; 0 for none.
    std::int64_t delay(LoginGuard& guard, std::string_view email, std::string_view address) {
        try {
            const auto attempt = guard.begin(email, address);
            return 0;
        } catch (const ApiError& error) {
            CPPUNIT_ASSERT_EQUAL(429, error.status());
            CPPUNIT_ASSERT_EQUAL(std::string("LOGIN_LOCKED"), error.code());
            return error.details().at("retryAfterSeconds").as_int64();
        }
    }
    std::int64_t delay(std::string_view email, std::string_view address) { return delay(guard_, email, address); }

    void fail(int times, const std::string& email, const std::string& address) {
        for (; times > 0; --times) guard_.begin(email, address).failed();
    }

    struct Running {
        explicit Running(LoginGuard& guard) : attempt(guard.begin("a@x.org", "192.0.2.1")) {}
        LoginGuard::Attempt attempt;
    };

    void succeed(const std::string& email, const std::string& address) { guard_.begin(email, address).succeeded(); }

    void firstFailuresAreFree() {
        fail(2, "a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }

    void eachFailureDoublesTheDelayUpToTheLimit() {
        fail(2, "a@x.org", "192.0.2.1");
        for (const std::int64_t expected : {1, 2, 4, 8, 8}) {
            fail(1, "a@x.org", "192.0.2.1");
            CPPUNIT_ASSERT_EQUAL(expected, delay("a@x.org", "192.0.2.1"));
            clock_.advance(std::chrono::seconds(expected) - 1ms);
            CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "192.0.2.1"));
            clock_.advance(1ms);
            CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
        }
    }

    void anotherAddressAndAnotherAccountAreNotDelayed() {
        fail(3, "a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.2"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("b@x.org", "192.0.2.1"));
    }

    void accountIsDelayedFromEverywhereWithMorePatience() {
        for (int number = 0; number < 8; ++number) fail(1, "a@x.org", "192.0.2." + std::to_string(number));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "203.0.113.1"));
        fail(1, "a@x.org", "192.0.2.8");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "203.0.113.1"));
    }

    void addressIsDelayedForAllAccountsWithMostPatience() {
        for (int number = 0; number < 20; ++number) fail(1, std::to_string(number) + "@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
        fail(1, "20@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "192.0.2.1"));
    }

    void ipv6AddressesCountByTheirNetwork() {
        fail(3, "a@x.org", "2001:db8:1:2::1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "2001:db8:1:2:ffff::9"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "2001:db8:1:3::1"));
    }

    void successEndsTheCountOfItsOwnPair() {
        fail(2, "a@x.org", "192.0.2.1");
        fail(3, "a@x.org", "192.0.2.2");
        succeed("a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "192.0.2.2"));
        fail(2, "a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }

    void successLeavesAccountAndAddressCounted() {
        for (int number = 0; number < 8; ++number) fail(1, "a@x.org", "192.0.2." + std::to_string(number));
        succeed("a@x.org", "192.0.2.1");
        fail(1, "a@x.org", "192.0.2.9");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "203.0.113.1"));
    }

    void failuresAreForgottenInTime() {
        fail(2, "a@x.org", "192.0.2.1");
        clock_.advance(32s);
        fail(2, "a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }

    void guardsShareWhatTheyCount() {
        LoginGuard other(cache_, clock_, {.freeAttempts = 2, .firstDelay = 1s, .longestDelay = 8s});
        fail(2, "a@x.org", "192.0.2.1");
        other.begin("a@x.org", "192.0.2.1").failed();
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "192.0.2.1"));
    }

    void withoutTheSharedCacheEachHostCounts() {
        cache_.setAway(true);
        fail(3, "a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), delay("a@x.org", "192.0.2.1"));
        clock_.advance(1s);
        succeed("a@x.org", "192.0.2.1");
        fail(2, "a@x.org", "192.0.2.1");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }

    /// Who asks a hundred times before the first answer is in gets no more guesses than who asks in turn.
    void guessesAtOnceGetNoMoreThanInTurn() {
        std::list<Running> running;
        for (int number = 0; number < 100; ++number) {
            try {
                running.emplace_back(guard_);
            } catch (const ApiError& error) {
                CPPUNIT_ASSERT_EQUAL(std::string("LOGIN_LOCKED"), error.code());
            }
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), running.size());
        for (auto& one : running) one.attempt.failed();
        clock_.advance(1s);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }

    void threadsAtOnceGetNoMoreThanInTurn() {
        std::promise<void> start;
        const auto started = start.get_future().share();
        std::atomic<int> letThrough{0};
        std::vector<std::future<void>> threads;
        for (int number = 0; number < 16; ++number)
            threads.push_back(std::async(std::launch::async, [&] {
                started.wait();
                for (int guess = 0; guess < 20; ++guess) {
                    try {
                        auto attempt = guard_.begin("a@x.org", "192.0.2.1");
                        ++letThrough;
                        attempt.failed();
                    } catch (const ApiError&) {
                        continue;
                    }
                }
            }));
        start.set_value();
        for (auto& thread : threads) thread.get();
        CPPUNIT_ASSERT_EQUAL(3, letThrough.load());
    }

    void tabsThatLogInAtOnceAllDo() {
        for (int round = 0; round < 5; ++round) {
            auto first = guard_.begin("a@x.org", "192.0.2.1");
            auto second = guard_.begin("a@x.org", "192.0.2.1");
            auto third = guard_.begin("a@x.org", "192.0.2.1");
            first.succeeded();
            second.succeeded();
            third.succeeded();
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }

    void aGuessThatEndsWithoutAWordIsTakenBack() {
        for (int number = 0; number < 20; ++number)
            CPPUNIT_ASSERT_EQUAL(std::int64_t(0), delay("a@x.org", "192.0.2.1"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LoginGuardTest);

}  // namespace playhouse::auth
