// Channels while the plugin behind them is replaced, as a manager does it: by publishing routes under another gate.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace playhouse::host {
namespace {

/// A generation: answers with its name, and counts in an attribute.
ChannelHandler generation(const std::string& name) {
    ChannelHandler handler;
    handler.opened = [name](const Request&, Channel& channel) { channel.setAttribute("opened by", name); };
    handler.message = [name](Channel& channel, const ChannelMessage& message) {
        const auto count = std::stoi(channel.attribute("count").value_or("0")) + 1;
        channel.setAttribute("count", std::to_string(count));
        channel.send(name + " " + std::to_string(count) + " " + message.data);
    };
    handler.resumed = [name](Channel& channel) {
        channel.send(name + " took over from " + *channel.attribute("opened by"));
    };
    return handler;
}

class ChannelSwapTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChannelSwapTest);
    CPPUNIT_TEST(swapKeepsChannelsOpenWithTheirAttributes);
    CPPUNIT_TEST(idleChannelsKeepNoLease);
    CPPUNIT_TEST(messagesToAHeldGenerationWaitAndKeepTheirOrder);
    CPPUNIT_TEST(heldGenerationThatOpensAgainGetsTheMessages);
    CPPUNIT_TEST(topicsOutliveASwap);
    CPPUNIT_TEST(limitsAreThoseOfTheNewVersion);
    CPPUNIT_TEST(switchedOffPluginsChannelsAreClosedWith1001);
    CPPUNIT_TEST(routeThatIsGoneClosesItsChannels);
    CPPUNIT_TEST(failuresCountAgainstTheVersion);
    CPPUNIT_TEST(manySwapsLoseNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void swapKeepsChannelsOpenWithTheirAttributes() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", generation("one"), execution)});
            WebSocketClient client(server.port(), "/ws");
            client.sendText("a");
            CPPUNIT_ASSERT_EQUAL(std::string("one 1 a"), client.receiveText());
            auto& next = generations_.emplace_back("two", execution);
            swap(server, next);
            CPPUNIT_ASSERT_EQUAL(std::string("two took over from one"), client.receiveText());
            client.sendText("b");
            CPPUNIT_ASSERT_EQUAL(std::string("two 2 b"), client.receiveText());
        }
    }

    void idleChannelsKeepNoLease() {
        TestServer server({channelRoute("/ws", generation("one"), Execution::Worker)});
        WebSocketClient client(server.port(), "/ws");
        client.sendText("a");
        client.receiveText();
        server.gate->hold();
        CPPUNIT_ASSERT(server.gate->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::seconds(30)));
        server.gate->open();
    }

    void messagesToAHeldGenerationWaitAndKeepTheirOrder() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", generation("one"), execution)});
            WebSocketClient client(server.port(), "/ws");
            server.gate->hold();
            // More than the inbox takes: the rest waits in the socket.
            for (int number = 1; number <= 300; ++number) client.sendText(std::to_string(number));
            auto& next = generations_.emplace_back("two", execution);
            swap(server, next);
            CPPUNIT_ASSERT_EQUAL(std::string("two took over from one"), client.receiveText());
            for (int number = 1; number <= 300; ++number)
                CPPUNIT_ASSERT_EQUAL("two " + std::to_string(number) + " " + std::to_string(number),
                                     client.receiveText());
        }
    }

    void heldGenerationThatOpensAgainGetsTheMessages() {
        TestServer server({channelRoute("/ws", generation("one"), Execution::Worker)});
        WebSocketClient client(server.port(), "/ws");
        server.gate->hold();
        client.sendText("a");
        server.gate->open();
        CPPUNIT_ASSERT_EQUAL(std::string("one 1 a"), client.receiveText());
    }

    void topicsOutliveASwap() {
        auto first = generation("one");
        first.opened = [](const Request&, Channel& channel) {
            channel.setAttribute("opened by", "one");
            channel.subscribe("t");
            channel.send("joined");
        };
        TestServer server({channelRoute("/ws", first)});
        WebSocketClient client(server.port(), "/ws");
        CPPUNIT_ASSERT_EQUAL(std::string("joined"), client.receiveText());
        auto& next = generations_.emplace_back("two", Execution::Inline);
        swap(server, next);
        CPPUNIT_ASSERT_EQUAL(std::string("two took over from one"), client.receiveText());
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, "news");
        CPPUNIT_ASSERT_EQUAL(std::string("news"), client.receiveText());
    }

    void limitsAreThoseOfTheNewVersion() {
        TestServer server({channelRoute("/ws", generation("one"))});
        ChannelOptions small;
        small.maximumMessageSize = 10;
        auto& second = generations_.emplace_back("two", small);
        WebSocketClient large(server.port(), "/ws");
        swap(server, second);
        CPPUNIT_ASSERT_EQUAL(std::string("two took over from one"), large.receiveText());
        large.sendText(std::string(11, 'a'));
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{1009}, large.receiveClose());

        WebSocketClient fast(server.port(), "/ws");
        fast.sendText("a");
        CPPUNIT_ASSERT_EQUAL(std::string("two 1 a"), fast.receiveText());
        ChannelOptions slow;
        slow.maximumMessageRate = 1;
        auto& third = generations_.emplace_back("three", slow);
        publish(server, third);
        second.gate->close();
        CPPUNIT_ASSERT_EQUAL(std::string("three took over from two"), fast.receiveText());
        fast.sendText("b");
        CPPUNIT_ASSERT_EQUAL(std::string("three 2 b"), fast.receiveText());
        for (int count = 0; count < 20; ++count) fast.sendText("c");
        auto last = fast.receive();
        while (last.opcode == WebSocketOpcode::Text) last = fast.receive();
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{1008}, last.code());
    }

    void switchedOffPluginsChannelsAreClosedWith1001() {
        TestServer server({channelRoute("/ws", generation("one"))});
        WebSocketClient client(server.port(), "/ws");
        RouteTable::Builder nothing;
        nothing.addDisabled("/ws", "test");
        server.slot.publish(std::move(nothing).build());
        server.gate->close();
        CPPUNIT_ASSERT_EQUAL(websocket::goingAway, client.receiveClose());
    }

    void routeThatIsGoneClosesItsChannels() {
        TestServer server({channelRoute("/ws", generation("one"))});
        WebSocketClient client(server.port(), "/ws");
        server.routes.clear();
        server.routes.push_back(route(Method::Get, "/ws", [](const Request&) { return Response::text("no channel"); }));
        server.publish(LeaseGate::make());
        CPPUNIT_ASSERT_EQUAL(websocket::goingAway, client.receiveClose());
    }

    void failuresCountAgainstTheVersion() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({});
            auto handler = echo();
            handler.message = [told = handler.message](Channel& channel, const ChannelMessage& message) {
                if (message.data == "throw") throw std::runtime_error("a bug");
                told(channel, message);
            };
            auto& only = generations_.emplace_back(handler, execution);
            publish(server, only);
            WebSocketClient client(server.port(), "/ws");
            client.sendText("a");
            client.receiveText();
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, only.answers->totals().errors);
            client.sendText("throw");
            CPPUNIT_ASSERT_EQUAL(websocket::internalError, client.receiveClose());
            CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, only.answers->totals().errors);
        }
    }

    void manySwapsLoseNothing() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            auto first = echo();
            TestServer server({channelRoute("/ws", first, execution)});
            std::atomic<bool> done{false};
            std::vector<std::unique_ptr<WebSocketClient>> clients;
            for (int count = 0; count < 10; ++count)
                clients.push_back(std::make_unique<WebSocketClient>(server.port(), "/ws"));
            const auto begin = generations_.size();
            std::thread swapping([&] {
                auto before = server.gate;
                while (!done) {
                    auto& next = generations_.emplace_back(echo(), execution);
                    // Each second one moves state.
                    if (generations_.size() % 2 == 0) before->hold();
                    publish(server, next);
                    before->close();
                    CPPUNIT_ASSERT(before->waitUntilIdle(std::chrono::steady_clock::now() + std::chrono::seconds(30)));
                    before = next.gate;
                }
            });
            for (int number = 0; number < 500; ++number) {
                const auto text = std::to_string(number);
                for (const auto& client : clients) client->sendText(text);
                for (const auto& client : clients) CPPUNIT_ASSERT_EQUAL(text, client->receiveText());
            }
            done = true;
            swapping.join();
            CPPUNIT_ASSERT(generations_.size() > begin + 1);
        }
    }

private:
    struct Generation {
        Generation(const std::string& name, ChannelOptions options)
            : route(channelRoute("/ws", generation(name), std::move(options))) {}
        Generation(ChannelHandler handler, Execution execution)
            : route(channelRoute("/ws", std::move(handler), execution)) {}
        Route route;
        std::shared_ptr<LeaseGate> gate = LeaseGate::make();
        std::shared_ptr<AnswerCounts> answers = std::make_shared<AnswerCounts>();
    };

    std::deque<Generation> generations_;  // outlives each test's server

    static void publish(TestServer& server, const Generation& next) {
        RouteTable::Builder builder;
        RouteEntry entry{.method = next.route.method,
                         .pattern = RoutePattern(next.route.pattern),
                         .options = next.route.options,
                         .pluginId = "test",
                         .gate = next.gate,
                         .route = &next.route,
                         .answers = next.answers};
        builder.add(std::move(entry));
        server.slot.publish(std::move(builder).build());
    }

    static void swap(TestServer& server, const Generation& next) {
        publish(server, next);
        server.gate->close();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChannelSwapTest);

}  // namespace
}  // namespace playhouse::host
