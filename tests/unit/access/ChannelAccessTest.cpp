#include "GuardedServer.h"

#include "../control/CapturedLog.h"
#include "../edge/WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse;
using namespace playhouse::host;

class ChannelAccessTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChannelAccessTest);
    CPPUNIT_TEST(aChannelForUsersOpensWithAToken);
    CPPUNIT_TEST(aChannelForUsersIsRefusedWithoutOne);
    CPPUNIT_TEST(aChannelForEverybodyKnowsWhoAsks);
    CPPUNIT_TEST(theQuerysTokenIsShownNowhere);
    CPPUNIT_TEST(openingIsLimited);
    CPPUNIT_TEST_SUITE_END();

    static ChannelHandler greeting() {
        ChannelHandler handler;
        handler.opened = [](const Request& request, Channel& channel) {
            channel.send((request.identity() ? request.identity()->userId : "nobody") + " at " + request.target());
        };
        return handler;
    }
    static ChannelOptions only(Access access, Execution execution = Execution::Inline) {
        ChannelOptions options(execution);
        options.access = std::move(access);
        return options;
    }
    static constexpr const char* upgrade =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

public:
    void aChannelForUsersOpensWithAToken() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            GuardedServer house({channelRoute("/ws", greeting(), only(Access::role("viewer"), execution)),
                                 channelRoute("/events", greeting(), only(Access::user(), execution),
                                              ChannelRoute::Protocol::EventStream)});
            WebSocketClient byHeader(house.port(), "/ws", house.as("ann", "s", {"viewer"}));
            CPPUNIT_ASSERT_EQUAL(std::string("ann at /ws"), byHeader.receiveText());
            WebSocketClient byQuery(house.port(), "/ws?access_token=" + house.token("bob", "s", {"viewer"}) + "&x=1");
            CPPUNIT_ASSERT_EQUAL(std::string("bob at /ws?access_token=***&x=1"), byQuery.receiveText());
            RawClient events(house.port());
            events.send("GET /events?access_token=" + house.token("eve") + " HTTP/1.1\r\nHost: x\r\n\r\n");
            CPPUNIT_ASSERT_EQUAL(200, events.receive(false).status);
            std::string got;
            while (!holds(got, "eve at /events?access_token=***")) got += events.take(1);
        }
    }

    void aChannelForUsersIsRefusedWithoutOne() {
        GuardedServer house(
            {channelRoute("/ws", greeting(), only(Access::role("admin"))),
             channelRoute("/events", greeting(), only(Access::user()), ChannelRoute::Protocol::EventStream)});
        RawClient client(house.port());
        const auto missing = client.get("/ws", upgrade);
        CPPUNIT_ASSERT_EQUAL(401, missing.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer"), missing.headers.at("www-authenticate"));
        CPPUNIT_ASSERT_EQUAL(403, client.get("/ws", upgrade + house.as("ann")).status);
        CPPUNIT_ASSERT_EQUAL(401, client.get("/ws?access_token=x", upgrade).status);
        CPPUNIT_ASSERT_EQUAL(
            401,
            client.get("/ws?access_token=" + house.token("a", "s", {"admin"}), upgrade + house.as("a", "s", {"admin"}))
                .status);
        CPPUNIT_ASSERT_EQUAL(401, client.get("/events").status);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, house.server.gate->leases());
    }

    void aChannelForEverybodyKnowsWhoAsks() {
        GuardedServer house({channelRoute("/ws", greeting())});
        CPPUNIT_ASSERT_EQUAL(std::string("nobody at /ws"), WebSocketClient(house.port(), "/ws").receiveText());
        CPPUNIT_ASSERT_EQUAL(std::string("nobody at /ws?access_token=***"),
                             WebSocketClient(house.port(), "/ws?access_token=bad").receiveText());
        CPPUNIT_ASSERT_EQUAL(std::string("ann at /ws"),
                             WebSocketClient(house.port(), "/ws", house.as("ann")).receiveText());
    }

    void theQuerysTokenIsShownNowhere() {
        const CapturedLog access("access");
        const CapturedLog http("http");
        EdgeSettings settings;
        settings.accessLog = true;
        ChannelHandler failing;
        failing.opened = [](const Request& request, Channel&) { throw std::runtime_error("at " + request.target()); };
        GuardedServer house({channelRoute("/ws", greeting(), only(Access::user())),
                             channelRoute("/fails", failing, only(Access::user()))},
                            settings);
        const auto token = house.token("ann");
        const auto signature = token.substr(token.rfind('.') + 1);
        WebSocketClient(house.port(), "/ws?access_token=" + token).receiveText();
        RawClient client(house.port());
        for (const auto* path : {"/ws", "/fails", "/nowhere"}) {
            const auto answer = client.get(path + std::string("?access%5ftoken=") + token);
            CPPUNIT_ASSERT(answer.status >= 400);
            for (const auto& [name, value] : answer.headers) CPPUNIT_ASSERT_MESSAGE(name, !holds(value, signature));
            CPPUNIT_ASSERT(!holds(answer.body, signature));
        }
        CPPUNIT_ASSERT_EQUAL(500, client.get("/fails?access_token=" + token, upgrade).status);
        house.server.server.drain(std::chrono::seconds(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, access.lines().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, http.lines().size());
        for (const auto* log : {&access, &http})
            for (const auto& line : log->lines()) CPPUNIT_ASSERT_MESSAGE(line, !holds(line, signature));
        CPPUNIT_ASSERT_MESSAGE(access.lines()[0], access.lines()[0].ends_with(" user ann"));
    }

    void openingIsLimited() {
        ChannelOptions limited(Execution::Inline);
        limited.rateLimit = RateLimit{.requests = 1, .window = std::chrono::seconds(10)};
        GuardedServer house({channelRoute("/ws", greeting(), limited)});
        WebSocketClient first(house.port(), "/ws");
        CPPUNIT_ASSERT_EQUAL(std::string("1"), first.handshake().headers.at("x-ratelimit-limit"));
        CPPUNIT_ASSERT_EQUAL(std::string("0"), first.handshake().headers.at("x-ratelimit-remaining"));
        RawClient client(house.port());
        CPPUNIT_ASSERT_EQUAL(429, client.get("/ws", upgrade).status);
        house.clock.advance(std::chrono::seconds(10));
        CPPUNIT_ASSERT_EQUAL(std::string("nobody at /ws"), WebSocketClient(house.port(), "/ws").receiveText());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChannelAccessTest);
