#include "control/AdminAccess.h"

#include <cppunit/extensions/HelperMacros.h>

using playhouse::host::AdminAccess;
using Verdict = AdminAccess::Verdict;

class AdminAccessTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AdminAccessTest);
    CPPUNIT_TEST(allowsWhoSendsTheToken);
    CPPUNIT_TEST(refusesNoTokenAndOtherTokens);
    CPPUNIT_TEST(shutsOutWhoGuesses);
    CPPUNIT_TEST(letsInAgainAfterAWhile);
    CPPUNIT_TEST(theRightTokenForgivesEarlierMistakes);
    CPPUNIT_TEST(anIPv6NetworkIsOneGuesser);
    CPPUNIT_TEST(aNewTokenReplacesTheOldOne);
    CPPUNIT_TEST(remembersABoundedNumberOfAddresses);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* token = "0123456789abcdef";
    AdminAccess::Time now_{};
    AdminAccess access_{token};

    Verdict judge(const std::string& address, const std::string& given) {
        return access_.judge(address, "Bearer " + given, now_);
    }

    void guess(const std::string& address, std::size_t times) {
        for (std::size_t time = 0; time < times; ++time) CPPUNIT_ASSERT(judge(address, "wrong") == Verdict::Wrong);
    }

public:
    void allowsWhoSendsTheToken() {
        CPPUNIT_ASSERT(judge("192.0.2.1", token) == Verdict::Allowed);
        CPPUNIT_ASSERT(access_.judge("192.0.2.1", std::string("bearer ") + token, now_) == Verdict::Allowed);
    }

    void refusesNoTokenAndOtherTokens() {
        AdminAccess::Time now{};
        for (const auto* given : {"", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef ",
                                  "Basic 0123456789abcdef", "0123456789abcdef"}) {
            now += AdminAccess::shutOutTime;
            CPPUNIT_ASSERT_MESSAGE(given, access_.judge("192.0.2.1", given, now) == Verdict::Wrong);
        }
        now += AdminAccess::shutOutTime;
        CPPUNIT_ASSERT(access_.judge("192.0.2.1", std::nullopt, now) == Verdict::Wrong);
    }

    void shutsOutWhoGuesses() {
        guess("192.0.2.1", AdminAccess::mostWrong);
        CPPUNIT_ASSERT(judge("192.0.2.1", "wrong") == Verdict::ShutOut);
        CPPUNIT_ASSERT(judge("192.0.2.1", token) == Verdict::ShutOut);
        CPPUNIT_ASSERT(judge("192.0.2.2", token) == Verdict::Allowed);
        now_ += std::chrono::milliseconds(10'500);
        CPPUNIT_ASSERT_EQUAL(50L, static_cast<long>(access_.retryAfter("192.0.2.1", now_).count()));
        CPPUNIT_ASSERT_EQUAL(0L, static_cast<long>(access_.retryAfter("192.0.2.2", now_).count()));
    }

    void letsInAgainAfterAWhile() {
        guess("192.0.2.1", AdminAccess::mostWrong);
        now_ += AdminAccess::shutOutTime;
        CPPUNIT_ASSERT(judge("192.0.2.1", token) == Verdict::Allowed);
    }

    void theRightTokenForgivesEarlierMistakes() {
        guess("192.0.2.1", AdminAccess::mostWrong - 1);
        CPPUNIT_ASSERT(judge("192.0.2.1", token) == Verdict::Allowed);
        guess("192.0.2.1", AdminAccess::mostWrong - 1);
    }

    void anIPv6NetworkIsOneGuesser() {
        for (std::size_t guesser = 0; guesser < AdminAccess::mostWrong; ++guesser)
            CPPUNIT_ASSERT(judge("2001:db8::" + std::to_string(guesser), "wrong") == Verdict::Wrong);
        CPPUNIT_ASSERT(judge("2001:db8::ffff:1", token) == Verdict::ShutOut);
        CPPUNIT_ASSERT(judge("2001:db8:0:1::1", token) == Verdict::Allowed);
    }

    void aNewTokenReplacesTheOldOne() {
        access_.setToken("fedcba9876543210");
        CPPUNIT_ASSERT(judge("192.0.2.1", token) == Verdict::Wrong);
        CPPUNIT_ASSERT(judge("192.0.2.1", "fedcba9876543210") == Verdict::Allowed);
    }

    void remembersABoundedNumberOfAddresses() {
        guess("192.0.2.1", AdminAccess::mostWrong);
        for (std::size_t other = 0; other < AdminAccess::mostAddresses; ++other) {
            now_ += std::chrono::microseconds(1);
            judge("10.0." + std::to_string(other / 256) + "." + std::to_string(other % 256), "wrong");
        }
        CPPUNIT_ASSERT(judge("192.0.2.1", token) == Verdict::Allowed);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AdminAccessTest);
