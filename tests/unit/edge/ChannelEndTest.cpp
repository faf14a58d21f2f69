// How channels end: by the plugin, by the client, by a limit, or with the server.

#include "ChannelHandlers.h"
#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <memory>
#include <optional>

namespace playhouse::host {
namespace {

class ChannelEndTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChannelEndTest);
    CPPUNIT_TEST(pluginClosesWithCodeAndReason);
    CPPUNIT_TEST(closedTellsTheClientsCode);
    CPPUNIT_TEST(brokenConnectionsAreTold);
    CPPUNIT_TEST(handlesOutliveTheirConnection);
    CPPUNIT_TEST(handlerThatThrowsClosesItsChannelAlone);
    CPPUNIT_TEST(tooManyMessagesAreClosedWith1008);
    CPPUNIT_TEST(slowConsumersAreClosedWith1013);
    CPPUNIT_TEST(slowConsumersMayLoseMessages);
    CPPUNIT_TEST(silentClientsAreEnded);
    CPPUNIT_TEST(clientsThatAnswerPingsStay);
    CPPUNIT_TEST(drainClosesWith1001);
    CPPUNIT_TEST_SUITE_END();

public:
    void pluginClosesWithCodeAndReason() {
        Told<ChannelClosure> closed;
        ChannelHandler handler;
        handler.message = [](Channel& channel, const ChannelMessage&) { channel.close(4001, "enough"); };
        handler.closed = [closed](Channel& channel, const ChannelClosure& closure) {
            if (channel.isOpen()) throw std::logic_error("open still");
            closed.tell(closure);
        };
        TestServer server({channelRoute("/ws", handler)});
        WebSocketClient client(server.port(), "/ws");
        client.sendText("x");
        const auto frame = client.receive();
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4001}, frame.code());
        CPPUNIT_ASSERT_EQUAL(std::string("enough"), frame.payload.substr(2));
        client.sendClose(4001);
        CPPUNIT_ASSERT(client.isClosed());
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4001}, closed.wait().code);
    }

    void closedTellsTheClientsCode() {
        Told<ChannelClosure> closed;
        ChannelHandler handler;
        handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
        TestServer server({channelRoute("/ws", handler, Execution::Worker)});
        WebSocketClient client(server.port(), "/ws");
        client.sendClose(4242, "tired");
        client.receive();
        const auto closure = closed.wait();
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4242}, closure.code);
        CPPUNIT_ASSERT_EQUAL(std::string("tired"), closure.reason);
    }

    void brokenConnectionsAreTold() {
        Told<ChannelClosure> closed;
        ChannelHandler handler;
        handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
        TestServer server({channelRoute("/ws", handler, Execution::Worker)});
        { WebSocketClient client(server.port(), "/ws"); }
        CPPUNIT_ASSERT_EQUAL(websocket::abnormal, closed.wait().code);
    }

    void handlesOutliveTheirConnection() {
        Told<Channel> closed;
        ChannelHandler handler;
        handler.closed = [closed](Channel& channel, const ChannelClosure&) { closed.tell(channel); };
        std::optional<Channel> kept;
        {
            TestServer server({channelRoute("/ws", handler)});
            { WebSocketClient client(server.port(), "/ws"); }
            kept = closed.wait();
            kept->send("nobody hears this");
            kept->subscribe("t");
            CPPUNIT_ASSERT(!kept->isOpen());
            CPPUNIT_ASSERT_EQUAL(std::size_t{0}, server.channels.subscribers("test", "t"));
        }
        kept->send("nor this");
        kept->close();
    }

    void handlerThatThrowsClosesItsChannelAlone() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            Told<ChannelClosure> closed;
            auto handler = echo();
            handler.message = [echo = handler.message](Channel& channel, const ChannelMessage& message) {
                if (message.data == "throw") throw std::runtime_error("a bug");
                echo(channel, message);
            };
            handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
            TestServer server({channelRoute("/ws", handler, execution)});
            WebSocketClient good(server.port(), "/ws");
            WebSocketClient bad(server.port(), "/ws");
            bad.sendText("throw");
            CPPUNIT_ASSERT_EQUAL(websocket::internalError, bad.receiveClose());
            CPPUNIT_ASSERT_EQUAL(websocket::internalError, closed.wait().code);
            good.sendText("still here");
            CPPUNIT_ASSERT_EQUAL(std::string("still here"), good.receiveText());
        }
    }

    void tooManyMessagesAreClosedWith1008() {
        ChannelOptions options(Execution::Inline);
        options.maximumMessageRate = 10;
        TestServer server({channelRoute("/ws", echo(), options)});
        WebSocketClient client(server.port(), "/ws");
        for (int count = 0; count < 10; ++count) {
            client.sendText("x");
            CPPUNIT_ASSERT_EQUAL(std::string("x"), client.receiveText());
        }
        for (int count = 0; count < 30; ++count) client.sendText("x");
        while (true) {
            const auto frame = client.receive();
            if (frame.opcode == WebSocketOpcode::Text) continue;
            CPPUNIT_ASSERT_EQUAL(websocket::policyViolation, frame.code());
            break;
        }
    }

    void slowConsumersAreClosedWith1013() {
        EdgeSettings settings;
        settings.channels.maximumQueueSize = 100'000;
        TestServer server({}, settings);
        server.routes.push_back(channelRoute("/ws/{topic}", topics(server.channels)));
        server.publish(server.gate);
        WebSocketClient slow(server.port(), "/ws/t");
        slow.receiveText();
        // More than the sockets' buffers and the queue take.
        const std::string message(50'000, 'm');
        for (int count = 0; count < 400 && server.channels.subscribers("test", "t") > 0; ++count)
            server.channels.publish("test", "t", ChannelMessage::Kind::Text, message);
        std::size_t whole = 0;
        while (true) {
            const auto frame = slow.receive();
            if (frame.opcode == WebSocketOpcode::Close) {
                CPPUNIT_ASSERT_EQUAL(websocket::tryAgainLater, frame.code());
                break;
            }
            CPPUNIT_ASSERT(frame.payload == message);
            ++whole;
        }
        CPPUNIT_ASSERT(whole > 0 && whole < 400);
    }

    void slowConsumersMayLoseMessages() {
        EdgeSettings settings;
        settings.channels.maximumQueueSize = 100'000;
        ChannelOptions options(Execution::Inline);
        options.slowConsumer = SlowConsumer::Drop;
        TestServer server({}, settings);
        server.routes.push_back(channelRoute("/ws/{topic}", topics(server.channels), options));
        server.publish(server.gate);
        WebSocketClient slow(server.port(), "/ws/t");
        slow.receiveText();
        const std::string padding(50'000, 'm');
        for (int count = 0; count < 400; ++count)
            server.channels.publish("test", "t", ChannelMessage::Kind::Text, std::to_string(count) + " " + padding);
        int last = -1;
        int got = 0;
        bool caughtUp = false;
        // Once it has caught up it gets what comes then.
        while (!caughtUp) {
            const auto text = slow.receiveText();
            const auto number = std::stoi(text);
            CPPUNIT_ASSERT(number > last);
            last = number;
            ++got;
            if (number < 1000 && got % 10 == 0)
                server.channels.publish("test", "t", ChannelMessage::Kind::Text, std::to_string(1000 + got) + " ");
            caughtUp = number >= 1000;
        }
        CPPUNIT_ASSERT(got < 400);
    }

    void silentClientsAreEnded() {
        EdgeSettings settings;
        settings.channels.pingInterval = std::chrono::milliseconds(50);
        settings.channels.pongTimeout = std::chrono::milliseconds(50);
        Told<ChannelClosure> closed;
        ChannelHandler handler;
        handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
        TestServer server({channelRoute("/ws", handler)}, settings);
        WebSocketClient client(server.port(), "/ws");
        CPPUNIT_ASSERT(client.receive().opcode == WebSocketOpcode::Ping);
        CPPUNIT_ASSERT(client.isClosed());
        CPPUNIT_ASSERT_EQUAL(websocket::abnormal, closed.wait().code);
    }

    void clientsThatAnswerPingsStay() {
        EdgeSettings settings;
        settings.channels.pingInterval = std::chrono::milliseconds(50);
        TestServer server({channelRoute("/ws", echo())}, settings);
        WebSocketClient client(server.port(), "/ws");
        for (int count = 0; count < 3; ++count) {
            CPPUNIT_ASSERT(client.receive().opcode == WebSocketOpcode::Ping);
            client.sendFrame(WebSocketOpcode::Pong, "");
        }
        client.sendText("here");
        CPPUNIT_ASSERT_EQUAL(std::string("here"), client.receiveText());
    }

    void drainClosesWith1001() {
        Told<ChannelClosure> closed;
        auto handler = echo();
        handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
        TestServer server({channelRoute("/ws", handler, Execution::Worker)});
        WebSocketClient client(server.port(), "/ws");
        client.sendText("before");
        CPPUNIT_ASSERT_EQUAL(std::string("before"), client.receiveText());
        auto drained = std::async(std::launch::async, [&] { return server.server.drain(std::chrono::seconds(30)); });
        CPPUNIT_ASSERT_EQUAL(websocket::goingAway, client.receiveClose());
        CPPUNIT_ASSERT(drained.get());
        CPPUNIT_ASSERT_EQUAL(websocket::goingAway, closed.wait().code);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChannelEndTest);

}  // namespace
}  // namespace playhouse::host
