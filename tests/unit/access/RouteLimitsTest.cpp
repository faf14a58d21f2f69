#include "GuardedServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;
using std::chrono::milliseconds;
using std::chrono::seconds;

class RouteLimitsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RouteLimitsTest);
    CPPUNIT_TEST(answersTellWhereTheLimitStands);
    CPPUNIT_TEST(beyondItIs429);
    CPPUNIT_TEST(everyAnswerOfALimitedRouteTells);
    CPPUNIT_TEST(otherAnswersDoNot);
    CPPUNIT_TEST(usersAndSessionsCountApart);
    CPPUNIT_TEST(whoHasNoTokenCountsByAddress);
    CPPUNIT_TEST(refusalsCountToo);
    CPPUNIT_TEST(groupsCountTogether);
    CPPUNIT_TEST(parametersOfAPathCountTogether);
    CPPUNIT_TEST(ipv6CountsByNetwork);
    CPPUNIT_TEST(canBeSwitchedOff);
    CPPUNIT_TEST(aLimiterThatWaitsIsAskedOnAWorker);
    CPPUNIT_TEST(threadsAreCountedExactly);
    CPPUNIT_TEST_SUITE_END();

    static RouteOptions limited(std::uint32_t requests, RateLimit::By by = RateLimit::By::Address,
                                std::string group = {}) {
        RouteOptions options(Execution::Inline);
        options.rateLimit = RateLimit{requests, seconds(10), by, std::move(group)};
        return options;
    }

    static std::string remaining(const Answer& answer) {
        const auto found = answer.headers.find("x-ratelimit-remaining");
        return std::to_string(answer.status) + " " + (found == answer.headers.end() ? "-" : found->second);
    }

public:
    void answersTellWhereTheLimitStands() {
        GuardedServer house({route(Method::Get, "/", who(), limited(3))});
        house.clock.advance(milliseconds(1));
        RawClient client(house.port());
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(std::string("3"), answer.headers.at("x-ratelimit-limit"));
        CPPUNIT_ASSERT_EQUAL(std::string("2"), answer.headers.at("x-ratelimit-remaining"));
        // 2024-01-01T00:00:10.001Z, rounded up.
        CPPUNIT_ASSERT_EQUAL(std::string("1704067211"), answer.headers.at("x-ratelimit-reset"));
        house.clock.advance(milliseconds(5000));
        CPPUNIT_ASSERT_EQUAL(std::string("1704067211"), client.get("/").headers.at("x-ratelimit-reset"));
    }

    void beyondItIs429() {
        std::atomic<int> calls{0};
        GuardedServer house({route(
            Method::Get, "/",
            [&](const Request&) {
                ++calls;
                return Response::text("");
            },
            limited(1))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        house.clock.advance(milliseconds(500));
        const auto answer = client.get("/");
        CPPUNIT_ASSERT_EQUAL(429, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("10"), answer.headers.at("retry-after"));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), answer.headers.at("x-ratelimit-remaining"));
        CPPUNIT_ASSERT_MESSAGE(answer.body, holds(answer.body, R"("code":"RATE_LIMITED")"));
        CPPUNIT_ASSERT_MESSAGE(
            answer.body, holds(answer.body, R"("details":{"limit":1,"resetsAt":1704067210,"retryAfterSeconds":10})"));
        house.clock.advance(milliseconds(9499));
        const auto last = client.get("/");
        CPPUNIT_ASSERT_EQUAL(429, last.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), last.headers.at("retry-after"));
        CPPUNIT_ASSERT_EQUAL(1, calls.load());
        house.clock.advance(milliseconds(1));
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        CPPUNIT_ASSERT_EQUAL(2.0, house.figure("playhouse_rate_limited_requests_total"));
    }

    void everyAnswerOfALimitedRouteTells() {
        const auto failing = [](const Request&) -> Response { throw std::runtime_error("x"); };
        const auto text = [](const Request& request) {
            if (request.pathParameter("id") == "none") throw ApiError::notFound("There is none.");
            return Response::text("0123456789").withHeader("ETag", "\"e\"");
        };
        auto guarded = limited(100);
        guarded.access = Access::role("admin");
        GuardedServer house({route(Method::Get, "/v/{id}", text, limited(100)),
                             route(Method::Get, "/fails", failing, limited(100)),
                             route(Method::Get, "/guarded", who(), guarded),
                             deferredRoute(
                                 "/later", [](const Request&, Responder) {}, limited(100))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("404 99"), remaining(client.get("/v/none")));
        CPPUNIT_ASSERT_EQUAL(std::string("304 98"), remaining(client.get("/v/1", "If-None-Match: \"e\"\r\n")));
        CPPUNIT_ASSERT_EQUAL(std::string("206 97"), remaining(client.get("/v/1", "Range: bytes=0-1\r\n")));
        CPPUNIT_ASSERT_EQUAL(std::string("416 96"), remaining(client.get("/v/1", "Range: bytes=50-\r\n")));
        CPPUNIT_ASSERT_EQUAL(std::string("412 95"), remaining(client.get("/v/1", "If-Match: \"x\"\r\n")));
        client.send("HEAD /v/1 HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("200 94"), remaining(client.receive(false)));
        CPPUNIT_ASSERT_EQUAL(std::string("500 99"), remaining(client.get("/fails")));
        CPPUNIT_ASSERT_EQUAL(std::string("401 99"), remaining(client.get("/guarded")));
        CPPUNIT_ASSERT_EQUAL(std::string("403 98"), remaining(client.get("/guarded", house.as("ann"))));
        CPPUNIT_ASSERT_EQUAL(std::string("500 99"), remaining(client.get("/later")));
    }

    void otherAnswersDoNot() {
        GuardedServer house({route(Method::Get, "/limited", who(), limited(1)), route(Method::Get, "/free", who())});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("200 0"), remaining(client.get("/limited")));
        CPPUNIT_ASSERT_EQUAL(std::string("200 -"), remaining(client.get("/free")));
        CPPUNIT_ASSERT_EQUAL(std::string("404 -"), remaining(client.get("/none")));
        client.send("OPTIONS /limited HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("204 -"), remaining(client.receive()));
        client.send("DELETE /limited HTTP/1.1\r\nHost: x\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("405 -"), remaining(client.receive()));
    }

    void usersAndSessionsCountApart() {
        GuardedServer house({route(Method::Get, "/u", who(), limited(1, RateLimit::By::User)),
                             route(Method::Get, "/s", who(), limited(1, RateLimit::By::Session))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/u", house.as("ann", "s1")).status);
        CPPUNIT_ASSERT_EQUAL(429, client.get("/u", house.as("ann", "s2")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/u", house.as("bob", "s3")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/s", house.as("ann", "s1")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/s", house.as("ann", "s2")).status);
        CPPUNIT_ASSERT_EQUAL(429, client.get("/s", house.as("ann", "s2")).status);
    }

    void whoHasNoTokenCountsByAddress() {
        GuardedServer house({route(Method::Get, "/u", who(), limited(1, RateLimit::By::User))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/u").status);
        CPPUNIT_ASSERT_EQUAL(429, client.get("/u", "Authorization: Bearer bad\r\n").status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/u", house.as("a:127.0.0.1")).status);
        CPPUNIT_ASSERT_EQUAL(200, client.get("/u", house.as("127.0.0.1")).status);
    }

    void refusalsCountToo() {
        auto guarded = limited(2);
        guarded.access = Access::user();
        GuardedServer house({route(Method::Get, "/", who(), guarded)});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(401, client.get("/", "Authorization: Bearer guess.one.x\r\n").status);
        CPPUNIT_ASSERT_EQUAL(401, client.get("/", "Authorization: Bearer guess.two.x\r\n").status);
        CPPUNIT_ASSERT_EQUAL(429, client.get("/", house.as("ann")).status);
    }

    void groupsCountTogether() {
        GuardedServer house({route(Method::Get, "/a", who(), limited(2, RateLimit::By::Address, "g")),
                             route(Method::Get, "/b", who(), limited(2, RateLimit::By::Address, "g")),
                             route(Method::Get, "/c", who(), limited(2))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("200 1"), remaining(client.get("/a")));
        CPPUNIT_ASSERT_EQUAL(std::string("200 0"), remaining(client.get("/b")));
        CPPUNIT_ASSERT_EQUAL(std::string("429 0"), remaining(client.get("/a")));
        CPPUNIT_ASSERT_EQUAL(std::string("200 1"), remaining(client.get("/c")));
    }

    void parametersOfAPathCountTogether() {
        GuardedServer house(
            {route(Method::Get, "/v/{id}", who(), limited(1)), route(Method::Post, "/v/{id}", who(), limited(1))});
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/v/1").status);
        CPPUNIT_ASSERT_EQUAL(429, client.get("/v/2").status);
        client.send("POST /v/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
    }

    void ipv6CountsByNetwork() {
        EdgeSettings settings;
        settings.proxies.trusted = TrustedProxies({"127.0.0.1"});
        GuardedServer house({route(Method::Get, "/", who(), limited(1))}, settings);
        RawClient client(house.port());
        const auto from = [&](const std::string& address) {
            return client.get("/", "X-Forwarded-For: " + address + "\r\n").status;
        };
        CPPUNIT_ASSERT_EQUAL(200, from("2001:db8:1:2::1"));
        CPPUNIT_ASSERT_EQUAL(429, from("2001:db8:1:2:ffff::2"));
        CPPUNIT_ASSERT_EQUAL(200, from("2001:db8:1:3::1"));
        CPPUNIT_ASSERT_EQUAL(200, from("192.0.2.1"));
        CPPUNIT_ASSERT_EQUAL(429, from("192.0.2.1"));
        CPPUNIT_ASSERT_EQUAL(200, from("192.0.2.2"));
    }

    void canBeSwitchedOff() {
        EdgeSettings settings;
        settings.rateLimits = false;
        GuardedServer house({route(Method::Get, "/", who(), limited(1))}, settings);
        RawClient client(house.port());
        for (int count = 0; count < 3; ++count) CPPUNIT_ASSERT_EQUAL(std::string("200 -"), remaining(client.get("/")));
    }

    void aLimiterThatWaitsIsAskedOnAWorker() {
        struct Remote final : RateLimiter {
            explicit Remote(const Clock& clock) : local(clock) {}
            RateLimitStatus count(std::string_view key, std::uint32_t requests, milliseconds window) override {
                thread = std::this_thread::get_id();
                return local.count(key, requests, window);
            }
            bool waits() const noexcept override { return true; }
            LocalRateLimiter local;
            std::thread::id thread;
        };
        const testing::FakeClock clock;
        Remote remote(clock);
        std::thread::id loop;
        EdgeSettings settings;
        settings.loops = 1;
        GuardedServer house({route(
                                Method::Get, "/",
                                [&](const Request&) {
                                    loop = std::this_thread::get_id();
                                    return Response::text("");
                                },
                                limited(1))},
                            settings, secretKeys(), &remote);
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(std::string("200 0"), remaining(client.get("/")));
        CPPUNIT_ASSERT_EQUAL(std::string("429 0"), remaining(client.get("/")));
        CPPUNIT_ASSERT(remote.thread != loop && loop != std::thread::id());
    }

    void threadsAreCountedExactly() {
        GuardedServer house({route(Method::Get, "/", who(), limited(100))});
        std::atomic<int> allowed{0};
        std::vector<std::thread> threads;
        for (int index = 0; index < 8; ++index)
            threads.emplace_back([&] {
                RawClient client(house.port());
                for (int count = 0; count < 25; ++count)
                    if (client.get("/").status == 200) ++allowed;
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(100, allowed.load());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RouteLimitsTest);
