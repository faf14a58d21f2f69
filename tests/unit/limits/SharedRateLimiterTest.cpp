#include "limits/SharedRateLimiter.h"

#include <playhouse/testing/FakeClock.h>

#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace playhouse::host;
using playhouse::testing::FakeClock;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Answers as the test says, and keeps what it was asked.
class FakeScripts final : public AtomicScripts {
public:
    std::function<std::vector<std::int64_t>()> answer;
    std::vector<std::string> keys;
    std::vector<std::string> arguments;

    std::vector<std::int64_t> run(std::string_view script, std::span<const std::string> givenKeys,
                                  std::span<const std::string> givenArguments) override {
        CPPUNIT_ASSERT(script == SharedRateLimiter::script);
        keys.assign(givenKeys.begin(), givenKeys.end());
        arguments.assign(givenArguments.begin(), givenArguments.end());
        return answer();
    }
};

}  // namespace

class SharedRateLimiterTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SharedRateLimiterTest);
    CPPUNIT_TEST(asksRedis);
    CPPUNIT_TEST(countsHereWhileRedisIsAway);
    CPPUNIT_TEST(countsHereWhenRedisAnswersOtherwise);
    CPPUNIT_TEST_SUITE_END();

    FakeClock clock_;
    FakeScripts scripts_;
    SharedRateLimiter limiter_{scripts_, clock_};

public:
    void asksRedis() {
        scripts_.answer = [] { return std::vector<std::int64_t>{3, 1500}; };
        const auto third = limiter_.count("auth:POST /auth/login:a:192.0.2.1", 3, seconds(60));
        CPPUNIT_ASSERT(scripts_.keys == std::vector<std::string>{"playhouse:limit:auth:POST /auth/login:a:192.0.2.1"});
        CPPUNIT_ASSERT(scripts_.arguments == std::vector<std::string>{"60000"});
        CPPUNIT_ASSERT(third.isAllowed && third.limit == 3 && third.remaining == 0);
        CPPUNIT_ASSERT(third.resetsIn == milliseconds(1500) && third.resetsAt == clock_.now() + milliseconds(1500));
        scripts_.answer = [] { return std::vector<std::int64_t>{4, 0}; };
        CPPUNIT_ASSERT(!limiter_.count("k", 3, seconds(60)).isAllowed);
        CPPUNIT_ASSERT(limiter_.waits());
    }

    void countsHereWhileRedisIsAway() {
        scripts_.answer = []() -> std::vector<std::int64_t> { throw std::runtime_error("away"); };
        CPPUNIT_ASSERT(limiter_.count("k", 1, seconds(60)).isAllowed);
        CPPUNIT_ASSERT(!limiter_.count("k", 1, seconds(60)).isAllowed);
        scripts_.answer = [] { return std::vector<std::int64_t>{1, 1000}; };
        CPPUNIT_ASSERT(limiter_.count("k", 1, seconds(60)).isAllowed);
    }

    void countsHereWhenRedisAnswersOtherwise() {
        for (const auto& odd : std::vector<std::vector<std::int64_t>>{{}, {1}, {0, 5}, {1, -2}, {1, 2, 3}}) {
            scripts_.answer = [odd] { return odd; };
            limiter_.count("k", 5, seconds(60));
        }
        CPPUNIT_ASSERT(!limiter_.count("k", 5, seconds(60)).isAllowed);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SharedRateLimiterTest);
