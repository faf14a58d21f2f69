#include "plugins/StagedRouter.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>

using namespace playhouse;
using namespace playhouse::host;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A limit that cannot be meant as it stands refuses the plugin's start.
class StagedLimitsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(StagedLimitsTest);
    CPPUNIT_TEST(aLimitNeedsRequestsAndAWindow);
    CPPUNIT_TEST(routesOfAGroupHaveOneLimit);
    CPPUNIT_TEST(channelsAreHeldToTheSame);
    CPPUNIT_TEST_SUITE_END();

    StagedRouter router_;
    int routes_ = 0;

    std::string problemOf(const RateLimit& limit, bool isChannel = false) {
        const auto pattern = "/" + std::to_string(++routes_);
        try {
            if (isChannel) {
                ChannelOptions options;
                options.rateLimit = limit;
                router_.webSocket(pattern, {}, options);
            } else {
                RouteOptions options;
                options.rateLimit = limit;
                router_.get(
                    pattern, [](const Request&) { return Response::text(""); }, options);
            }
            return {};
        } catch (const std::invalid_argument& problem) {
            return problem.what();
        }
    }

public:
    void setUp() override {
        router_.clear();
        router_.open();
    }

    void aLimitNeedsRequestsAndAWindow() {
        CPPUNIT_ASSERT_EQUAL(std::string(), problemOf({1, milliseconds(1)}));
        for (const auto& limit : {RateLimit{0, seconds(1)}, RateLimit{1, seconds(0)}, RateLimit{1, seconds(-1)},
                                  RateLimit{1, std::chrono::days(366)}}) {
            const auto problem = problemOf(limit);
            CPPUNIT_ASSERT_MESSAGE(problem,
                                   problem.find("needs at least one request, and a window") != std::string::npos);
        }
    }

    void routesOfAGroupHaveOneLimit() {
        const RateLimit first{2, seconds(1), RateLimit::By::User, "g"};
        CPPUNIT_ASSERT_EQUAL(std::string(), problemOf(first));
        CPPUNIT_ASSERT_EQUAL(std::string(), problemOf(first));
        for (auto other :
             {RateLimit{3, seconds(1), RateLimit::By::User, "g"}, RateLimit{2, seconds(2), RateLimit::By::User, "g"},
              RateLimit{2, seconds(1), RateLimit::By::Session, "g"}}) {
            const auto problem = problemOf(other);
            CPPUNIT_ASSERT_MESSAGE(problem,
                                   problem.find("differs from that of others in the group \"g\"") != std::string::npos);
            other.group = std::to_string(routes_);
            CPPUNIT_ASSERT_EQUAL(std::string(), problemOf(other));
        }
    }

    void channelsAreHeldToTheSame() {
        CPPUNIT_ASSERT_EQUAL(std::string(), problemOf({1, seconds(1), RateLimit::By::Address, "c"}, true));
        CPPUNIT_ASSERT(!problemOf({0, seconds(1)}, true).empty());
        CPPUNIT_ASSERT(!problemOf({2, seconds(1), RateLimit::By::Address, "c"}).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StagedLimitsTest);
