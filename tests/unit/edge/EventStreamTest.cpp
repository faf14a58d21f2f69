// Server-Sent Events (HTML standard, section 9.2).

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>

namespace playhouse::host {
namespace {

ChannelHandler joining() {
    ChannelHandler handler;
    handler.opened = [](const Request&, Channel& channel) {
        channel.subscribe("t");
        channel.send("hello");
    };
    return handler;
}

Route events(ChannelHandler handler) {
    return channelRoute("/events", std::move(handler), Execution::Inline, ChannelRoute::Protocol::EventStream);
}

/// One chunk of an answer's body.
std::string chunk(RawClient& client) {
    std::string line;
    while (!line.ends_with("\r\n")) line += client.take(1);
    auto content = client.take(std::stoul(line, nullptr, 16) + 2);
    content.resize(content.size() - 2);
    return content;
}

class EventStreamTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EventStreamTest);
    CPPUNIT_TEST(headSaysWhatItIs);
    CPPUNIT_TEST(messagesAreEvents);
    CPPUNIT_TEST(linesAndBytesAreCoded);
    CPPUNIT_TEST(http10GetsPlainLines);
    CPPUNIT_TEST(commentsKeepItAlive);
    CPPUNIT_TEST(pluginEndsIt);
    CPPUNIT_TEST(clientThatLeavesIsTold);
    CPPUNIT_TEST(headRequestsAreRefused);
    CPPUNIT_TEST(swapKeepsItOpen);
    CPPUNIT_TEST(whoComesAgainGetsWhatOpenedSaysAndNothingMissed);
    CPPUNIT_TEST(refusalsTellABrowserNotToComeAgain);
    CPPUNIT_TEST_SUITE_END();

public:
    void headSaysWhatItIs() {
        EdgeSettings settings;
        settings.cors.allowedOrigins = {"*"};
        TestServer server({events(joining())}, settings);
        RawClient client(server.port());
        client.send("GET /events HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\nOrigin: http://a.example\r\n\r\n");
        const auto head = client.receive(false);
        CPPUNIT_ASSERT_EQUAL(200, head.status);
        CPPUNIT_ASSERT_EQUAL(std::string("text/event-stream"), head.headers.at("content-type"));
        CPPUNIT_ASSERT_EQUAL(std::string("no-store"), head.headers.at("cache-control"));
        CPPUNIT_ASSERT_EQUAL(std::string("chunked"), head.headers.at("transfer-encoding"));
        // RFC 9112 section 9.6: nothing can be asked on it when the stream has ended.
        CPPUNIT_ASSERT_EQUAL(std::string("close"), head.headers.at("connection"));
        CPPUNIT_ASSERT_EQUAL(std::string("*"), head.headers.at("access-control-allow-origin"));
        CPPUNIT_ASSERT(!head.headers.contains("content-encoding"));
        CPPUNIT_ASSERT(head.headers.contains("x-request-id"));
    }

    void messagesAreEvents() {
        TestServer server({events(joining())});
        auto client = connect(server);
        CPPUNIT_ASSERT_EQUAL(std::string("data: hello\n\n"), chunk(client));
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, "{\"viewers\": 3}");
        CPPUNIT_ASSERT_EQUAL(std::string("data: {\"viewers\": 3}\n\n"), chunk(client));
    }

    void linesAndBytesAreCoded() {
        TestServer server({events(joining())});
        auto client = connect(server);
        chunk(client);
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, "one\ntwo\r\nthree\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("data: one\ndata: two\ndata: three\ndata: \n\n"), chunk(client));
        server.channels.publish("test", "t", ChannelMessage::Kind::Binary, std::string("\x00\xff", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("event: binary\ndata: AP8=\n\n"), chunk(client));
    }

    void http10GetsPlainLines() {
        TestServer server({events(joining())});
        RawClient client(server.port());
        client.send("GET /events HTTP/1.0\r\n\r\n");
        const auto head = client.receive(false);
        CPPUNIT_ASSERT_EQUAL(200, head.status);
        CPPUNIT_ASSERT(!head.headers.contains("transfer-encoding"));
        CPPUNIT_ASSERT_EQUAL(std::string("data: hello\n\n"), client.take(13));
    }

    void commentsKeepItAlive() {
        EdgeSettings settings;
        settings.channels.pingInterval = std::chrono::milliseconds(50);
        TestServer server({events(joining())}, settings);
        auto client = connect(server);
        chunk(client);
        for (int count = 0; count < 3; ++count) CPPUNIT_ASSERT_EQUAL(std::string(":\n\n"), chunk(client));
    }

    void pluginEndsIt() {
        TestServer server({events(joining())});
        auto client = connect(server);
        chunk(client);
        for (auto& channel : server.channels.open("test")) {
            channel.send("last");
            channel.close();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("data: last\n\n"), chunk(client));
        CPPUNIT_ASSERT_EQUAL(std::string(), chunk(client));
        CPPUNIT_ASSERT(client.isClosed());
    }

    void clientThatLeavesIsTold() {
        std::promise<std::uint16_t> closed;
        auto handler = joining();
        handler.closed = [&](Channel&, const ChannelClosure& closure) { closed.set_value(closure.code); };
        TestServer server({events(handler)});
        {
            auto client = connect(server);
            chunk(client);
        }
        CPPUNIT_ASSERT_EQUAL(websocket::abnormal, closed.get_future().get());
    }

    void headRequestsAreRefused() {
        TestServer server({events(joining())});
        RawClient client(server.port());
        client.send("HEAD /events HTTP/1.1\r\nHost: test\r\n\r\n");
        const auto answer = client.receive(false);
        CPPUNIT_ASSERT_EQUAL(405, answer.status);
        CPPUNIT_ASSERT(server.channels.open("test").empty());
    }

    void swapKeepsItOpen() {
        TestServer server({events(joining())});
        auto client = connect(server);
        chunk(client);
        auto handler = joining();
        handler.resumed = [](Channel& channel) { channel.send("the next version"); };
        const auto next = events(handler);
        const auto gate = LeaseGate::make();
        RouteTable::Builder builder;
        builder.add({next.method, RoutePattern(next.pattern), next.options, "test", gate, &next, 0});
        server.slot.publish(std::move(builder).build());
        server.gate->close();
        CPPUNIT_ASSERT_EQUAL(std::string("data: the next version\n\n"), chunk(client));
        server.server.drain(std::chrono::milliseconds(0));
    }

    /// HTML standard, section 9.2.4: there are no ids, so that a browser has none to send; a client of another kind
    /// may.
    void whoComesAgainGetsWhatOpenedSaysAndNothingMissed() {
        ChannelHandler handler;
        handler.opened = [](const Request& request, Channel& channel) {
            channel.subscribe("t");
            channel.send("since " + std::string(request.header("Last-Event-ID").value_or("the beginning")));
        };
        TestServer server({events(handler)});
        {
            auto client = connect(server);
            CPPUNIT_ASSERT_EQUAL(std::string("data: since the beginning\n\n"), chunk(client));
            for (auto& channel : server.channels.open("test")) channel.close();
            CPPUNIT_ASSERT_EQUAL(std::string(), chunk(client));
            CPPUNIT_ASSERT(client.isClosed());
        }
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, "while it was away");
        RawClient again(server.port());
        again.send("GET /events HTTP/1.1\r\nHost: test\r\nLast-Event-ID: 41\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(200, again.receive(false).status);
        CPPUNIT_ASSERT_EQUAL(std::string("data: since 41\n\n"), chunk(again));
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, "now");
        CPPUNIT_ASSERT_EQUAL(std::string("data: now\n\n"), chunk(again));
    }

    /// HTML standard, section 9.2.3: what is not 200 fails the connection, and 204 is the way to say so in good order.
    void refusalsTellABrowserNotToComeAgain() {
        ChannelHandler handler;
        handler.opened = [](const Request&, Channel&) { throw ApiError(404, "ENDED", "The stream is over."); };
        TestServer server({events(handler)});
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(404, client.get("/events").status);
        CPPUNIT_ASSERT(server.channels.open("test").empty());
    }

private:
    static RawClient connect(const TestServer& server);
};

RawClient EventStreamTest::connect(const TestServer& server) {
    RawClient client(server.port());
    client.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n");
    CPPUNIT_ASSERT_EQUAL(200, client.receive(false).status);
    return client;
}

CPPUNIT_TEST_SUITE_REGISTRATION(EventStreamTest);

}  // namespace
}  // namespace playhouse::host
