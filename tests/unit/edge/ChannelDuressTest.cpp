// Channels when much comes together: slow clients, busy handlers, several threads, and a server that stops.

#include "ChannelHandlers.h"
#include "Figures.h"
#include "WebSocketClient.h"
#include "edge/ChannelOutput.h"

#include <cppunit/extensions/HelperMacros.h>

#include <malloc.h>

#include <array>
#include <atomic>
#include <future>
#include <optional>
#include <semaphore>
#include <thread>

namespace playhouse::host {
namespace {

class ChannelDuressTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ChannelDuressTest);
    CPPUNIT_TEST(clientsAreNotBlamedForABusyHandler);
    CPPUNIT_TEST(slowClientsThatTakeAreNotTakenForSilent);
    CPPUNIT_TEST(clientAlwaysALittleBehindCostsNoMore);
    CPPUNIT_TEST(topicsOfSeveralThreadsAgreeWithWhatIsDelivered);
    CPPUNIT_TEST(closedChannelsAreNotOpen);
    CPPUNIT_TEST(refusedChannelsForgetWhatWasOrdered);
    CPPUNIT_TEST(channelThatOpensWhileTheServerStopsIsClosedWith1001);
    CPPUNIT_TEST(publishersOutliveTheServer);
    CPPUNIT_TEST(everyByteSentIsCounted);
    CPPUNIT_TEST_SUITE_END();

public:
    /// Its pong waits unread behind messages that the handler has not come to.
    void clientsAreNotBlamedForABusyHandler() {
        EdgeSettings settings;
        settings.loops = 1;
        settings.channels.pingInterval = std::chrono::milliseconds(50);
        settings.channels.pongTimeout = std::chrono::milliseconds(50);
        std::counting_semaphore<> go(0);
        auto handler = echo();
        handler.message = [&, reply = handler.message](Channel& channel, const ChannelMessage& message) {
            if (message.data == "0") go.acquire();
            reply(channel, message);
        };
        TestServer server({channelRoute("/ws", handler, Execution::Worker),
                           channelRoute("/clock", {}, Execution::Inline, ChannelRoute::Protocol::EventStream)},
                          settings);
        WebSocketClient client(server.port(), "/ws");
        std::string frames;
        for (int number = 0; number < 300; ++number) frames += clientFrame(0x81, std::to_string(number));
        client.sendBytes(frames);
        // Of each of these the loop has looked at all deadlines.
        RawClient clock(server.port());
        clock.send("GET /clock HTTP/1.0\r\n\r\n");
        clock.receive(false);
        for (int count = 0; count < 4; ++count) CPPUNIT_ASSERT_EQUAL(std::string(":\n\n"), clock.take(3));
        go.release();
        for (int number = 0; number < 300;) {
            const auto frame = client.receive();
            if (frame.opcode == WebSocketOpcode::Ping) continue;
            CPPUNIT_ASSERT(frame.opcode == WebSocketOpcode::Text);
            CPPUNIT_ASSERT_EQUAL(std::to_string(number++), frame.payload);
        }
    }

    /// The ping is behind megabytes that it is still to take.
    void slowClientsThatTakeAreNotTakenForSilent() {
        EdgeSettings settings;
        settings.channels.pingInterval = std::chrono::milliseconds(50);
        settings.channels.pongTimeout = std::chrono::milliseconds(1000);
        settings.channels.maximumQueueSize = 64 * 1024 * 1024;
        ChannelHandler handler;
        const std::string part(1024 * 1024, 'm');
        handler.message = [&](Channel& channel, const ChannelMessage&) {
            for (int count = 0; count < 40; ++count) channel.send(part);
        };
        TestServer server({channelRoute("/ws", handler, Execution::Worker)}, settings);
        WebSocketClient client(server.port(), "/ws");
        client.sendText("go");
        for (int count = 0; count < 40;) {
            const auto frame = client.receive();
            if (frame.opcode == WebSocketOpcode::Ping) continue;
            CPPUNIT_ASSERT(frame.payload == part);
            ++count;
            // A slow client, and not a wait for anything.
            std::this_thread::sleep_for(std::chrono::milliseconds(75));
        }
    }

    /// Memory that is out goes, although the queue is never empty.
    void clientAlwaysALittleBehindCostsNoMore() {
        class Behind final : public Transport {
        public:
            using Transport::Transport;
            Transfer receive(std::span<char>) override { return {Status::WantsRead, 0}; }
            Transfer send(std::span<const iovec> pieces, bool) override {
                if (std::exchange(isFull_, !isFull_)) return {Status::WantsWrite, 0};
                return {Status::Done, pieces.front().iov_len};
            }
            Transfer sendFile(int, std::uint64_t, std::size_t) override { return {Status::Failed, 0}; }

        private:
            bool isFull_ = false;
        };
        boost::asio::io_context context;
        Behind transport{boost::asio::ip::tcp::socket(context)};
        ChannelOutput output;
        std::uint64_t sent = 0;
        const auto message = [] { return SharedMessages(new EncodedMessages("x", 1)); };
        for (int count = 0; count < 100; ++count) output.add(message());
        const auto inUse = [] {
            const auto memory = ::mallinfo2();
            return memory.uordblks + memory.hblkhd;
        };
        const auto before = inUse();
        for (int count = 0; count < 1'000'000; ++count) {
            output.add(message());
            CPPUNIT_ASSERT(output.send(transport, sent) == Transport::Status::WantsWrite);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{100}, output.bytes());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1'000'000}, sent);
        CPPUNIT_ASSERT(inUse() < before + 64 * 1024);
    }

    void topicsOfSeveralThreadsAgreeWithWhatIsDelivered() {
        Told<Channel> opened;
        ChannelHandler handler;
        handler.opened = [opened](const Request&, Channel& channel) { opened.tell(channel); };
        TestServer server({channelRoute("/ws", handler)});
        WebSocketClient client(server.port(), "/ws");
        auto channel = opened.wait();
        for (int round = 0; round < 50; ++round) {
            std::vector<std::thread> threads;
            for (int index = 0; index < 4; ++index)
                threads.emplace_back([channel]() mutable {
                    for (int count = 0; count < 5000; ++count) {
                        channel.subscribe("t");
                        channel.unsubscribe("t");
                    }
                });
            for (auto& thread : threads) thread.join();
            CPPUNIT_ASSERT(channel.topics().empty());
            server.channels.publish("test", "t", ChannelMessage::Kind::Text, "to nobody");
            channel.subscribe("t");
            server.channels.publish("test", "t", ChannelMessage::Kind::Text, "once");
            channel.unsubscribe("t");
            channel.send("end");
            CPPUNIT_ASSERT_EQUAL(std::string("once"), client.receiveText());
            CPPUNIT_ASSERT_EQUAL(std::string("end"), client.receiveText());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, server.channels.subscribers("test", "t"));
    }

    void closedChannelsAreNotOpen() {
        Told<std::array<bool, 2>> told;
        TestServer server({});
        ChannelHandler handler;
        handler.message = [&](Channel& channel, const ChannelMessage&) {
            const bool before = channel.isOpen() && server.channels.open("test").size() == 1;
            channel.close(4000, "done");
            told.tell({before, channel.isOpen() || !server.channels.open("test").empty()});
        };
        server.routes.push_back(channelRoute("/ws", handler, Execution::Worker));
        server.publish(server.gate);
        WebSocketClient client(server.port(), "/ws");
        client.sendText("x");
        CPPUNIT_ASSERT_EQUAL(std::uint16_t{4000}, client.receiveClose());
        CPPUNIT_ASSERT(told.wait().at(0));
        CPPUNIT_ASSERT(!told.wait().at(1));
    }

    void refusedChannelsForgetWhatWasOrdered() {
        std::optional<Channel> kept;
        ChannelHandler handler;
        handler.opened = [&](const Request&, Channel& channel) {
            for (int count = 0; count < 1000; ++count) channel.send("never sent");
            channel.subscribe("t");
            kept = channel;
            throw ApiError(403, "BANNED", "Not you.");
        };
        TestServer server({channelRoute("/ws", handler, Execution::Worker)});
        for (int round = 0; round < 20; ++round) {
            RawClient client(server.port());
            CPPUNIT_ASSERT_EQUAL(403,
                                 client
                                     .get("/ws",
                                          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
                                     .status);
            CPPUNIT_ASSERT(!kept->isOpen());
            CPPUNIT_ASSERT_EQUAL(std::size_t{0}, server.channels.subscribers("test", "t"));
        }
    }

    /// The handshake's answer comes before Close.
    void channelThatOpensWhileTheServerStopsIsClosedWith1001() {
        for (const auto protocol : {ChannelRoute::Protocol::WebSocket, ChannelRoute::Protocol::EventStream}) {
            EdgeSettings settings;
            settings.loops = 1;
            std::promise<void> begun;
            std::promise<void> go;
            ChannelHandler handler;
            handler.opened = [&](const Request&, Channel&) {
                begun.set_value();
                go.get_future().wait();
            };
            TestServer server({channelRoute("/channel", handler, Execution::Worker, protocol)}, settings);
            RawClient idle(server.port());
            CPPUNIT_ASSERT_EQUAL(404, idle.get("/").status);
            RawClient client(server.port());
            client.send(
                "GET /channel HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            begun.get_future().wait();
            auto drained =
                std::async(std::launch::async, [&] { return server.server.drain(std::chrono::seconds(30)); });
            CPPUNIT_ASSERT(idle.isClosed());
            go.set_value();
            if (protocol == ChannelRoute::Protocol::WebSocket) {
                CPPUNIT_ASSERT_EQUAL(101, client.receive(false).status);
                CPPUNIT_ASSERT_EQUAL(std::string("\x88\x13\x03\xe9The server stops.", 21), client.take(21));
            } else {
                const auto stream = client.receive();
                CPPUNIT_ASSERT_EQUAL(200, stream.status);
                CPPUNIT_ASSERT_EQUAL(std::string(), stream.body);
            }
            client.endSending();
            CPPUNIT_ASSERT(client.isClosed());
            CPPUNIT_ASSERT(drained.get());
        }
    }

    void publishersOutliveTheServer() {
        ChannelHub hub;
        std::atomic<bool> stop{false};
        std::vector<std::thread> publishers;
        for (int index = 0; index < 2; ++index)
            publishers.emplace_back([&] {
                while (!stop) hub.publish("test", "t", ChannelMessage::Kind::Text, "news");
            });
        for (int round = 0; round < 50; ++round) {
            prometheus::Registry registry;
            WorkerPool workers{1, 8};
            RouteTableSlot slot;
            slot.publish(RouteTable::Builder().build());
            EdgeSettings settings;
            settings.address = "127.0.0.1";
            settings.port = 0;
            settings.loops = 2;
            HttpServer server(settings, slot, workers, hub, registry);
            server.start();
        }
        stop = true;
        for (auto& publisher : publishers) publisher.join();
    }

    void everyByteSentIsCounted() {
        EdgeSettings settings;
        settings.channels.maximumQueueSize = 1000;
        ChannelHandler handler;
        // More in one round than the queue takes.
        handler.message = [](Channel& channel, const ChannelMessage& message) {
            for (int count = 0; count < 4; ++count) channel.send(message.data);
        };
        TestServer server({channelRoute("/ws", handler)}, settings);
        RawClient client(server.port());
        client.send(
            "GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
            clientFrame(0x81, std::string(600, 'm')) + clientFrame(0x88, ""));
        double received = 0;
        for (; !client.isClosed(); ++received) client.take(1);
        CPPUNIT_ASSERT(received > 2400);
        CPPUNIT_ASSERT(server.server.drain(std::chrono::seconds(30)));
        CPPUNIT_ASSERT_EQUAL(received, figureOf(server.registry, "playhouse_http_sent_bytes_total"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChannelDuressTest);

}  // namespace
}  // namespace playhouse::host
