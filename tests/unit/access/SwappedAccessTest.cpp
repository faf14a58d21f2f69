#include "GuardedServer.h"

#include "../edge/ChannelHandlers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <utility>

using namespace playhouse;
using namespace playhouse::host;
using std::chrono::seconds;

/// Access and limits while the plugin behind a route is swapped.
class SwappedAccessTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SwappedAccessTest);
    CPPUNIT_TEST(whoMayNotDoesNotWaitForASwap);
    CPPUNIT_TEST(whatTheNextVersionAsksForCounts);
    CPPUNIT_TEST(aRequestThatWaitedIsCountedOnce);
    CPPUNIT_TEST(aDeferredRequestKeepsItsUserWhenItIsAskedAgain);
    CPPUNIT_TEST_SUITE_END();

    static RouteOptions limited(std::uint32_t requests) {
        RouteOptions options(Execution::Inline);
        options.rateLimit = RateLimit{requests, seconds(10)};
        return options;
    }

public:
    void whoMayNotDoesNotWaitForASwap() {
        GuardedServer house({route(Method::Get, "/", who(), options(Access::user()))});
        const auto narrow = LeaseGate::make(0);
        narrow->hold();
        house.server.publish(narrow);
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(401, client.get("/").status);
        CPPUNIT_ASSERT_EQUAL(503, client.get("/", house.as("ann")).status);
    }

    void whatTheNextVersionAsksForCounts() {
        GuardedServer house({route(Method::Get, "/", who())});
        RawClient nobody(house.port());
        RawClient ann(house.port());
        CPPUNIT_ASSERT_EQUAL(200, nobody.get("/").status);
        CPPUNIT_ASSERT_EQUAL(200, ann.get("/").status);
        house.server.gate->hold();
        nobody.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        ann.send("GET / HTTP/1.1\r\nHost: x\r\n" + house.as("ann") + "\r\n");
        house.server.routes.front().options = options(Access::user());
        house.server.publish(LeaseGate::make());
        house.server.gate->close();
        CPPUNIT_ASSERT_EQUAL(401, nobody.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), ann.receive().body);
    }

    void aRequestThatWaitedIsCountedOnce() {
        EdgeSettings settings;
        settings.loops = 1;
        GuardedServer house({route(Method::Get, "/", who(), limited(3))}, settings);
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(200, client.get("/").status);
        house.server.gate->hold();
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        // The one loop has come to the request before when it has answered this.
        CPPUNIT_ASSERT_EQUAL(404, RawClient(house.port()).get("/none").status);
        house.server.publish(LeaseGate::make());
        house.server.gate->close();
        const auto waited = client.receive();
        CPPUNIT_ASSERT_EQUAL(200, waited.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), waited.headers.at("x-ratelimit-remaining"));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), client.get("/").headers.at("x-ratelimit-remaining"));
    }

    void aDeferredRequestKeepsItsUserWhenItIsAskedAgain() {
        auto both = limited(2);
        both.access = Access::user();
        const Told<std::shared_ptr<Responder>> asked;
        GuardedServer house({deferredRoute(
            "/",
            [&](const Request&, Responder responder) { asked.tell(std::make_shared<Responder>(std::move(responder))); },
            both)});
        const auto name = [](const Request& request, Responder responder) {
            responder.send(Response::text("next: " + request.user().userId));
        };
        const auto next = deferredRoute("/", name, both);
        RawClient client(house.port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\n" + house.as("ann") + "\r\n");
        const auto waiting = asked.wait();
        house.server.gate->hold();
        RouteTable::Builder builder;
        builder.add({next.method, RoutePattern(next.pattern), next.options, "test", LeaseGate::make(), &next, 0});
        house.server.slot.publish(std::move(builder).build());
        house.server.gate->close();
        const auto answer = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::string("next: ann"), answer.body);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), answer.headers.at("x-ratelimit-remaining"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwappedAccessTest);
