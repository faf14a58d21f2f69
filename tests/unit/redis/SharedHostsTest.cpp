#include "../control/CapturedLog.h"
#include "Eventually.h"
#include "RedisSettingsOf.h"

#include "identity/TokenIdentities.h"
#include "limits/SharedRateLimiter.h"
#include "platform/HostClock.h"
#include "platform/MetricsRegistry.h"
#include "platform/bus/RedisBus.h"
#include "platform/bus/SessionEndingsBus.h"
#include "platform/redis/RedisAtomicScripts.h"

#include <playhouse/ApiError.h>

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;
using std::chrono::hours;

namespace {

constexpr int database = 7;

/// A host as far as people and limits go.
struct SharedHost {
    explicit SharedHost(const RedisServer& server) : redis(settingsOf(server, database)) { hub.connect(bus); }

    bool isListening() { return bus.waitUntilListening(soon()) && redis.waitUntilUp(soon()); }

    std::string tokenOf(const std::string& user, const std::string& session) {
        Identity identity;
        identity.userId = user;
        identity.sessionId = session;
        return identities.issue(identity, hours(1));
    }

    /// "good", or the code with which the token is refused.
    std::string codeOf(const std::string& token) const {
        try {
            static_cast<void>(identities.verify(token));
            return "good";
        } catch (const ApiError& problem) {
            return problem.code();
        }
    }

    MetricsRegistry metrics;
    HostClock clock;
    WorkerPool workers{2, 64};
    TimerQueue timers;
    RedisClient redis;
    BusHub hub{timers, workers, 1024 * 1024};
    RedisBus bus{redis, hub};
    TokenIdentities identities{TokenKeys::ofSecret("0123456789abcdef0123456789abcdef"), {}, clock, metrics.registry()};
    SessionEndingsBus endings{hub, identities};
    RedisAtomicScripts scripts{redis};
    SharedRateLimiter limiter{scripts, clock};
};

}  // namespace

/// What hosts on one Redis know together about sessions and limits.
class SharedHostsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SharedHostsTest);
    CPPUNIT_TEST(aSessionThatEndsEndsOnTheOtherHost);
    CPPUNIT_TEST(allSessionsOfAUserEndOnTheOtherHost);
    CPPUNIT_TEST(whatIsNoEndingIsLoggedAndLeavesTheRest);
    CPPUNIT_TEST(limitsAreCountedTogether);
    CPPUNIT_TEST(limitsAreExactAmongManyWhoAskAtOnce);
    CPPUNIT_TEST(aLimitsWindowEnds);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<SharedHost> here_;
    std::unique_ptr<SharedHost> there_;

    /// Until a token is refused on the other host.
    void assertEndsThere(const std::string& token) {
        CPPUNIT_ASSERT(eventually([&] { return there_->codeOf(token) == "TOKEN_REVOKED"; }));
    }

public:
    void setUp() override {
        here_ = std::make_unique<SharedHost>(sharedRedisServer());
        there_ = std::make_unique<SharedHost>(sharedRedisServer());
        CPPUNIT_ASSERT(here_->isListening() && there_->isListening());
        here_->redis.execute(redisCommand({"FLUSHDB"}));
    }

    void tearDown() override {
        here_.reset();
        there_.reset();
    }

    void aSessionThatEndsEndsOnTheOtherHost() {
        const auto token = here_->tokenOf("ann", "phone");
        const auto other = here_->tokenOf("ann", "desk");
        CPPUNIT_ASSERT_EQUAL(std::string("good"), there_->codeOf(token));
        here_->identities.endSession("phone", here_->clock.now() + hours(1));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), here_->codeOf(token));
        assertEndsThere(token);
        CPPUNIT_ASSERT_EQUAL(std::string("good"), there_->codeOf(other));
    }

    void allSessionsOfAUserEndOnTheOtherHost() {
        const auto token = here_->tokenOf("ann", "phone");
        const auto bens = here_->tokenOf("ben", "phone");
        CPPUNIT_ASSERT_EQUAL(std::string("good"), there_->codeOf(token));
        here_->identities.endSessionsOf("ann", here_->clock.now() + std::chrono::seconds(1),
                                        here_->clock.now() + hours(1));
        assertEndsThere(token);
        CPPUNIT_ASSERT_EQUAL(std::string("good"), there_->codeOf(bens));
    }

    void whatIsNoEndingIsLoggedAndLeavesTheRest() {
        const CapturedLog log("plugin.identity");
        for (const auto* odd : {"", "{}", "[1]", "{\"session\":\"s\"}", "{\"session\":7,\"until\":1}",
                                "{\"user\":\"ann\",\"until\":99999999999999}", "{\"session\":\"s\",\"until\":\"x\"}",
                                "{\"session\":\"s\",\"until\":-1}", "{\"session\":\"s\",\"until\":99999999999999}"})
            here_->hub.publish(SessionEndingsBus::topic, odd, WhenAway::Fail);
        const auto token = here_->tokenOf("ann", "phone");
        here_->identities.endSession("phone", here_->clock.now() + hours(1));
        assertEndsThere(token);
        CPPUNIT_ASSERT_EQUAL(std::size_t{9}, log.lines().size());
        CPPUNIT_ASSERT_EQUAL(std::string("good"), there_->codeOf(here_->tokenOf("ann", "desk")));
    }

    void limitsAreCountedTogether() {
        CPPUNIT_ASSERT_EQUAL(1U, here_->limiter.count("k", 2, hours(1)).remaining);
        CPPUNIT_ASSERT_EQUAL(0U, there_->limiter.count("k", 2, hours(1)).remaining);
        const auto third = here_->limiter.count("k", 2, hours(1));
        CPPUNIT_ASSERT(!third.isAllowed && third.resetsIn > std::chrono::minutes(59) && third.resetsIn <= hours(1));
        CPPUNIT_ASSERT(there_->limiter.count("another", 2, hours(1)).isAllowed);
    }

    void limitsAreExactAmongManyWhoAskAtOnce() {
        std::atomic<int> allowed{0};
        std::vector<std::jthread> askers;
        for (auto* const host : {here_.get(), there_.get(), here_.get(), there_.get()})
            askers.emplace_back([&allowed, host] {
                for (int request = 0; request < 50; ++request)
                    if (host->limiter.count("k", 100, hours(1)).isAllowed) ++allowed;
            });
        askers.clear();
        CPPUNIT_ASSERT_EQUAL(100, allowed.load());
    }

    void aLimitsWindowEnds() {
        const std::chrono::milliseconds window(50);
        CPPUNIT_ASSERT(here_->limiter.count("k", 1, window).isAllowed);
        CPPUNIT_ASSERT(eventually([&] { return there_->limiter.count("k", 1, window).isAllowed; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SharedHostsTest);
