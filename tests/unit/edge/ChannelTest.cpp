#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace playhouse::host {
namespace {

/// What a handler was told, for the test's thread to wait for.
template <class Value>
class Told {
public:
    void tell(Value value) const { promise_->set_value(std::move(value)); }
    Value wait() const {
        if (future_.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
            throw std::runtime_error("a handler was not told");
        return future_.get();
    }

private:
    std::shared_ptr<std::promise<Value>> promise_ = std::make_shared<std::promise<Value>>();
    std::shared_future<Value> future_ = promise_->get_future().share();
};

/// Joins the topic that the path names, says so, and publishes to it what comes.
ChannelHandler topics(ChannelHub& hub) {
    ChannelHandler handler;
    handler.opened = [](const Request& request, Channel& channel) {
        channel.subscribe(request.pathParameter("topic"));
        channel.setAttribute("topic", request.pathParameter("topic"));
        channel.send("joined");
    };
    handler.message = [&hub](Channel& channel, const ChannelMessage& message) {
        hub.publish("test", *channel.attribute("topic"), message.kind, message.data);
    };
    return handler;
}

class ChannelTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChannelTest);
    CPPUNIT_TEST(publishedMessagesReachEverySubscriberInOneOrder);
    CPPUNIT_TEST(topicsAreApart);
    CPPUNIT_TEST(whatOneThreadOrdersTakesEffectInOrder);
    CPPUNIT_TEST(unsubscribedChannelsGetNoMore);
    CPPUNIT_TEST(subscribersAndOpenChannelsAreKnown);
    CPPUNIT_TEST(attributesStayAndAreBounded);
    CPPUNIT_TEST(topicsAreBounded);
    CPPUNIT_TEST(textMustBeUtf8);
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
    CPPUNIT_TEST(refusedChannelsLeaveNoSubscription);
    CPPUNIT_TEST(busyWorkersDelayButLoseNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void publishedMessagesReachEverySubscriberInOneOrder() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            ChannelHub* hub = nullptr;
            ChannelHandler handler;
            handler.opened = [](const Request&, Channel& channel) {
                channel.subscribe("t");
                channel.send("joined");
            };
            handler.message = [&hub](Channel&, const ChannelMessage& message) {
                hub->publish("test", "t", message.kind, message.data);
            };
            TestServer server({channelRoute("/ws", handler, execution)});
            hub = &server.channels;
            std::vector<std::unique_ptr<WebSocketClient>> clients;
            for (int count = 0; count < 8; ++count) {
                clients.push_back(std::make_unique<WebSocketClient>(server.port(), "/ws"));
                CPPUNIT_ASSERT_EQUAL(std::string("joined"), clients.back()->receiveText());
            }
            // Two publish at once.
            for (int number = 0; number < 100; ++number) {
                clients[0]->sendText("a" + std::to_string(number));
                clients[1]->sendText("b" + std::to_string(number));
            }
            std::vector<std::string> first;
            for (const auto& client : clients) {
                std::vector<std::string> got;
                for (int count = 0; count < 200; ++count) got.push_back(client->receiveText());
                if (first.empty()) first = got;
                CPPUNIT_ASSERT(first == got);
            }
            int next[2] = {0, 0};
            for (const auto& text : first) {
                auto& number = next[text[0] == 'a' ? 0 : 1];
                CPPUNIT_ASSERT_EQUAL(std::to_string(number++), text.substr(1));
            }
        }
    }

    void topicsAreApart() {
        TestServer server({});
        server.routes.push_back(channelRoute("/ws/{topic}", topics(server.channels)));
        server.publish(server.gate);
        WebSocketClient one(server.port(), "/ws/one");
        WebSocketClient two(server.port(), "/ws/two");
        one.receiveText();
        two.receiveText();
        one.sendText("for one");
        two.sendText("for two");
        server.channels.publish("another-plugin", "one", ChannelMessage::Kind::Text, "not for you");
        CPPUNIT_ASSERT_EQUAL(std::string("for one"), one.receiveText());
        CPPUNIT_ASSERT_EQUAL(std::string("for two"), two.receiveText());
        one.sendText("again");
        CPPUNIT_ASSERT_EQUAL(std::string("again"), one.receiveText());
    }

    void whatOneThreadOrdersTakesEffectInOrder() {
        TestServer server({});
        ChannelHandler handler;
        handler.message = [&](Channel& channel, const ChannelMessage&) {
            channel.send("1");
            channel.subscribe("t");
            server.channels.publish("test", "t", ChannelMessage::Kind::Text, "2");
            channel.send("3");
            channel.unsubscribe("t");
            server.channels.publish("test", "t", ChannelMessage::Kind::Text, "lost");
            channel.send("4");
            channel.close(4000, "done");
            channel.send("lost");
        };
        server.routes.push_back(channelRoute("/ws", handler, Execution::Worker));
        server.publish(server.gate);
        WebSocketClient client(server.port(), "/ws");
        client.sendText("go");
        for (const auto* expected : {"1", "2", "3", "4"})
            CPPUNIT_ASSERT_EQUAL(std::string(expected), client.receiveText());
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4000}, client.receiveClose());
    }

    void unsubscribedChannelsGetNoMore() {
        TestServer server({});
        auto handler = topics(server.channels);
        handler.message = [](Channel& channel, const ChannelMessage& message) {
            channel.unsubscribe("t");
            channel.send("left " + message.data);
        };
        server.routes.push_back(channelRoute("/ws/{topic}", handler));
        server.publish(server.gate);
        WebSocketClient stays(server.port(), "/ws/t");
        WebSocketClient leaves(server.port(), "/ws/t");
        WebSocketClient third(server.port(), "/ws/t");
        for (auto* client : {&stays, &leaves, &third}) client->receiveText();
        leaves.sendText("now");
        CPPUNIT_ASSERT_EQUAL(std::string("left now"), leaves.receiveText());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, server.channels.subscribers("test", "t"));
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, "news");
        CPPUNIT_ASSERT_EQUAL(std::string("news"), stays.receiveText());
        CPPUNIT_ASSERT_EQUAL(std::string("news"), third.receiveText());
        leaves.sendText("again");
        CPPUNIT_ASSERT_EQUAL(std::string("left again"), leaves.receiveText());
    }

    void subscribersAndOpenChannelsAreKnown() {
        Told<ChannelClosure> closed;
        TestServer server({});
        auto handler = topics(server.channels);
        handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
        server.routes.push_back(channelRoute("/ws/{topic}", handler));
        server.publish(server.gate);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, server.channels.subscribers("test", "t"));
        {
            WebSocketClient client(server.port(), "/ws/t");
            client.receiveText();
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, server.channels.subscribers("test", "t"));
            auto open = server.channels.open("test");
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, open.size());
            CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1"), open[0].clientAddress());
            open[0].send("by name");
            CPPUNIT_ASSERT_EQUAL(std::string("by name"), client.receiveText());
            CPPUNIT_ASSERT(server.channels.open("other").empty());
        }
        closed.wait();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, server.channels.subscribers("test", "t"));
        CPPUNIT_ASSERT(server.channels.open("test").empty());
    }

    void attributesStayAndAreBounded() {
        ChannelHandler handler;
        handler.message = [](Channel& channel, const ChannelMessage&) {
            const auto count = std::stoi(channel.attribute("count").value_or("0")) + 1;
            channel.setAttribute("count", std::to_string(count));
            channel.removeAttribute("absent");
            std::string refused = "taken";
            try {
                channel.setAttribute("large", std::string(16 * 1024, 'l'));
            } catch (const std::length_error&) {
                refused = "refused";
            }
            channel.setAttribute("other", std::string(16000, 'o'));
            channel.setAttribute("other", std::string(16001, 'o'));
            channel.removeAttribute("other");
            channel.send(std::to_string(count) + " " + refused);
        };
        TestServer server({channelRoute("/ws", handler)});
        WebSocketClient client(server.port(), "/ws");
        for (int count = 1; count < 4; ++count) {
            client.sendText("x");
            CPPUNIT_ASSERT_EQUAL(std::to_string(count) + " refused", client.receiveText());
        }
    }

    void topicsAreBounded() {
        ChannelHandler handler;
        handler.message = [](Channel& channel, const ChannelMessage&) {
            for (int count = 0; count < 256; ++count) channel.subscribe(std::to_string(count));
            channel.subscribe("0");
            std::string refusals;
            for (const auto& name : {std::string("one more"), std::string(257, 't')}) try {
                    channel.subscribe(name);
                } catch (const std::length_error&) {
                    refusals += "refused ";
                }
            channel.send(refusals + std::to_string(channel.topics().size()));
        };
        TestServer server({channelRoute("/ws", handler)});
        WebSocketClient client(server.port(), "/ws");
        client.sendText("x");
        CPPUNIT_ASSERT_EQUAL(std::string("refused refused 256"), client.receiveText());
    }

    void textMustBeUtf8() {
        TestServer server({});
        CPPUNIT_ASSERT_THROW(server.channels.publish("test", "t", ChannelMessage::Kind::Text, "\xff"),
                             std::invalid_argument);
        server.channels.publish("test", "t", ChannelMessage::Kind::Binary, "\xff");
        ChannelHandler handler;
        handler.message = [](Channel& channel, const ChannelMessage&) { channel.send("\xff"); };
        server.routes.push_back(channelRoute("/ws", handler));
        server.publish(server.gate);
        WebSocketClient client(server.port(), "/ws");
        client.sendText("x");
        CPPUNIT_ASSERT_EQUAL(websocket::internalError, client.receiveClose());
    }

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

    void refusedChannelsLeaveNoSubscription() {
        TestServer server({});
        ChannelHandler handler;
        handler.opened = [](const Request&, Channel& channel) {
            channel.subscribe("t");
            throw ApiError(403, "NO", "no");
        };
        server.routes.push_back(channelRoute("/ws", handler));
        server.publish(server.gate);
        CPPUNIT_ASSERT_THROW(WebSocketClient(server.port(), "/ws"), std::runtime_error);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, server.channels.subscribers("test", "t"));
        CPPUNIT_ASSERT(server.channels.open("test").empty());
    }

    void busyWorkersDelayButLoseNothing() {
        // Two workers with room for 64: as many more channels than that have something to do at once.
        TestServer server({channelRoute("/ws", echo(), Execution::Worker)});
        std::vector<std::unique_ptr<WebSocketClient>> clients;
        for (int count = 0; count < 150; ++count)
            clients.push_back(std::make_unique<WebSocketClient>(server.port(), "/ws"));
        for (int round = 0; round < 5; ++round)
            for (const auto& client : clients) client->sendText(std::to_string(round));
        for (int round = 0; round < 5; ++round)
            for (const auto& client : clients) CPPUNIT_ASSERT_EQUAL(std::to_string(round), client->receiveText());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChannelTest);

}  // namespace
}  // namespace playhouse::host
