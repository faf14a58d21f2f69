// Messages in several frames: group 5 of the Autobahn test suite (RFC 6455 section 5.4), by its numbers there.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::host {
namespace {

/// Frames of "fragment1", "fragment2" and so on, of which `first` begins each message.
std::string fragments(int count, unsigned char first = 0x01) {
    std::string frames;
    for (int number = 1; number <= count; ++number) {
        const auto opcode = number == 1 ? first & 0x0f : 0;
        const auto final = number == count ? 0x80 : 0;
        frames += clientFrame(static_cast<unsigned char>(final | opcode), "fragment" + std::to_string(number));
    }
    return frames;
}

class WebSocketFragmentationTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketFragmentationTest);
    CPPUNIT_TEST(fragmentedControlFramesFailTheConnection);
    CPPUNIT_TEST(textAndBytesInTwoFragmentsAreJoined);
    CPPUNIT_TEST(pingsBetweenFragmentsAreAnsweredFirst);
    CPPUNIT_TEST(continuationsOfNothingFailTheConnection);
    CPPUNIT_TEST(continuationBehindAWholeMessageFailsTheConnection);
    CPPUNIT_TEST(messageWithinAMessageFailsTheConnection);
    CPPUNIT_TEST(pingsBetweenManyFragmentsAreAnswered);
    CPPUNIT_TEST(closeBetweenFragmentsEndsTheConnection);
    CPPUNIT_TEST_SUITE_END();

    static void refuses(const std::string& name, const std::string& bytes,
                        const std::vector<std::string>& echoed = {}) {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)});
            expectFailure(server.port(), name, bytes, websocket::protocolError, echoed);
        }
    }

public:
    // 5.1, 5.2.
    void fragmentedControlFramesFailTheConnection() {
        for (const auto opcode : {0x8, 0x9, 0xa}) refuses("5.1, 5.2", fragments(2, static_cast<unsigned char>(opcode)));
    }

    // 5.3, 5.4, 5.5.
    void textAndBytesInTwoFragmentsAreJoined() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto opcode : {WebSocketOpcode::Text, WebSocketOpcode::Binary})
            for (const std::size_t size : {1000, 7, 1}) {
                WebSocketClient client(server.port(), "/ws");
                client.sendChopped(fragments(2, static_cast<unsigned char>(opcode)), size);
                client.expect(opcode, "fragment1fragment2");
            }
    }

    // 5.6, 5.7, 5.8.
    void pingsBetweenFragmentsAreAnsweredFirst() {
        TestServer server({channelRoute("/ws", echo())});
        for (const std::size_t size : {1000, 1}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendChopped(
                clientFrame(0x01, "fragment1") + clientFrame(0x89, "ping payload") + clientFrame(0x80, "fragment2"),
                size);
            client.expect(WebSocketOpcode::Pong, "ping payload");
            client.expect(WebSocketOpcode::Text, "fragment1fragment2");
        }
    }

    // 5.9 to 5.14: whatever follows is not answered.
    void continuationsOfNothingFailTheConnection() {
        for (const int first : {0x80, 0x00})
            refuses("5.9 to 5.14", clientFrame(static_cast<unsigned char>(first), "non-continuation payload") +
                                       clientFrame(0x81, "Hello, world!"));
    }

    // 5.15, 5.16, 5.17.
    void continuationBehindAWholeMessageFailsTheConnection() {
        for (const int first : {0x80, 0x00}) {
            const auto stray = clientFrame(static_cast<unsigned char>(first), "fragment3");
            refuses("5.15", fragments(2) + stray + clientFrame(0x81, "fragment4"), {"fragment1fragment2"});
            refuses("5.16, 5.17", stray + clientFrame(0x01, "a") + clientFrame(0x80, "b"));
        }
    }

    // 5.18.
    void messageWithinAMessageFailsTheConnection() {
        for (const int first : {0x81, 0x82, 0x01, 0x02})
            refuses("5.18",
                    clientFrame(0x01, "fragment1") + clientFrame(static_cast<unsigned char>(first), "fragment2"));
    }

    // 5.19, 5.20.
    void pingsBetweenManyFragmentsAreAnswered() {
        TestServer server({channelRoute("/ws", echo(), Execution::Worker)});
        for (const std::size_t size : {1000, 1}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendChopped(
                clientFrame(0x01, "fragment1") + clientFrame(0x00, "fragment2") + clientFrame(0x89, "pongme 1!"), size);
            client.expect(WebSocketOpcode::Pong, "pongme 1!");
            client.sendChopped(clientFrame(0x00, "fragment3") + clientFrame(0x89, "pongme 2!") +
                                   clientFrame(0x00, "fragment4") + clientFrame(0x80, "fragment5"),
                               size);
            client.expect(WebSocketOpcode::Pong, "pongme 2!");
            client.expect(WebSocketOpcode::Text, "fragment1fragment2fragment3fragment4fragment5");
        }
    }

    // 7.1.5.
    void closeBetweenFragmentsEndsTheConnection() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendBytes(clientFrame(0x01, "fragment1") + clientFrame(0x88, std::string("\x03\xe8", 2)) +
                         clientFrame(0x80, "fragment2"));
        CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receive().code());
        CPPUNIT_ASSERT(client.isClosed());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketFragmentationTest);

}  // namespace
}  // namespace playhouse::host
