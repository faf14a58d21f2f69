// Large messages, many messages, and both in pieces: the groups 1, 9 and 10 of the Autobahn test suite, by their
// numbers there.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <thread>

namespace playhouse::host {
namespace {

EdgeSettings hugeMessages() {
    EdgeSettings settings;
    settings.channels.maximumMessageSize = 16 * 1024 * 1024;
    settings.channels.maximumMessageRate = 0;
    settings.channels.maximumQueueSize = 32 * 1024 * 1024;
    return settings;
}

/// `payload` in frames of `size` bytes.
std::string fragmented(WebSocketOpcode opcode, std::string_view payload, std::size_t size) {
    std::string frames;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        const auto first = (at == 0 ? static_cast<int>(opcode) : 0) | (at + size >= payload.size() ? 0x80 : 0);
        frames += clientFrame(static_cast<unsigned char>(first), payload.substr(at, size));
    }
    return frames;
}

class WebSocketVolumeTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketVolumeTest);
    CPPUNIT_TEST(messagesInPiecesOf997BytesAreEchoed);
    CPPUNIT_TEST(largeMessagesAreEchoed);
    CPPUNIT_TEST(largeMessagesInFragmentsAreEchoed);
    CPPUNIT_TEST(largeMessagesInSmallWritesAreEchoed);
    CPPUNIT_TEST(thousandMessagesOfEachSizeAreEchoed);
    CPPUNIT_TEST(floodsOnSeveralConnectionsLoseNothing);
    CPPUNIT_TEST_SUITE_END();

    static void echoes(const Execution execution, const std::string& bytes, WebSocketOpcode opcode,
                       const std::string& payload, std::size_t piece) {
        TestServer server({channelRoute("/ws", echo(), execution)}, hugeMessages());
        WebSocketClient client(server.port(), "/ws");
        std::thread sending([&] { client.sendChopped(bytes, piece); });
        const auto frame = client.receive();
        sending.join();
        CPPUNIT_ASSERT(frame.opcode == opcode);
        CPPUNIT_ASSERT(frame.payload == payload);
    }

public:
    // 1.1.8, 1.2.8.
    void messagesInPiecesOf997BytesAreEchoed() {
        const std::string payload(65536, '*');
        for (const auto opcode : {WebSocketOpcode::Text, WebSocketOpcode::Binary})
            echoes(Execution::Inline, clientFrame(static_cast<unsigned char>(0x80 | static_cast<int>(opcode)), payload),
                   opcode, payload, 997);
    }

    // 9.1, 9.2.
    void largeMessagesAreEchoed() {
        for (const std::size_t size : {64u * 1024, 256u * 1024, 1024u * 1024, 4096u * 1024, 16384u * 1024}) {
            const std::string payload(size, '*');
            echoes(Execution::Worker, clientFrame(0x81, payload), WebSocketOpcode::Text, payload, size + 100);
            echoes(Execution::Inline, clientFrame(0x82, payload), WebSocketOpcode::Binary, payload, size + 100);
        }
    }

    // 9.3, 9.4, and 10.1.1 with fragments of 1300 bytes.
    void largeMessagesInFragmentsAreEchoed() {
        const std::string payload(4 * 1024 * 1024, '*');
        for (const std::size_t size : {64u, 256u, 1300u, 4096u, 65536u, 1024u * 1024})
            for (const auto opcode : {WebSocketOpcode::Text, WebSocketOpcode::Binary})
                echoes(Execution::Inline, fragmented(opcode, payload, size), opcode, payload, 64 * 1024 * 1024);
    }

    // 9.5, 9.6.
    void largeMessagesInSmallWritesAreEchoed() {
        const std::string payload(1024 * 1024, '*');
        for (const std::size_t piece : {64, 128, 512, 2048})
            echoes(Execution::Inline, clientFrame(0x81, payload), WebSocketOpcode::Text, payload, piece);
    }

    // 9.7, 9.8.
    void thousandMessagesOfEachSizeAreEchoed() {
        TestServer server({channelRoute("/ws", echo(), Execution::Worker)}, hugeMessages());
        WebSocketClient client(server.port(), "/ws");
        for (const std::size_t size : {0, 16, 64, 256, 1024, 4096})
            for (const auto opcode : {WebSocketOpcode::Text, WebSocketOpcode::Binary}) {
                const std::string payload(size, '*');
                for (int count = 0; count < 1000; ++count) {
                    client.sendFrame(opcode, payload);
                    client.expect(opcode, payload);
                }
            }
    }

    /// Faster than the handlers take them, so that much waits in the host and in the sockets.
    void floodsOnSeveralConnectionsLoseNothing() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)}, hugeMessages());
            constexpr int count = 20'000;
            std::string all;
            for (int number = 0; number < count; ++number) all += clientFrame(0x81, std::to_string(number));
            std::vector<std::string> problems(4);
            std::vector<std::thread> threads;
            for (auto& problem : problems)
                threads.emplace_back([&] {
                    WebSocketClient client(server.port(), "/ws");
                    std::thread sending([&] { client.sendBytes(all); });
                    try {
                        for (int number = 0; number < count; ++number)
                            client.expect(WebSocketOpcode::Text, std::to_string(number));
                    } catch (const std::runtime_error& error) {
                        problem = error.what();
                    }
                    client.endSending();
                    sending.join();
                });
            for (auto& thread : threads) thread.join();
            for (const auto& problem : problems) CPPUNIT_ASSERT_EQUAL(std::string(), problem);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketVolumeTest);

}  // namespace
}  // namespace playhouse::host
