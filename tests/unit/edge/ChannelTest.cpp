#include "ChannelHandlers.h"
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
