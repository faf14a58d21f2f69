// Pings, reserved bits and reserved opcodes: the groups 2, 3 and 4 of the Autobahn test suite (RFC 6455 sections 5.2
// and 5.5), by their numbers there.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::host {
namespace {

class WebSocketControlFramesTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketControlFramesTest);
    CPPUNIT_TEST(pingsThatComeByteByByteAreAnswered);
    CPPUNIT_TEST(unaskedPongsAreIgnoredWithAndWithoutPayload);
    CPPUNIT_TEST(manyPingsByteByByteAreAnsweredInOrder);
    CPPUNIT_TEST(longPingsFailTheConnection);
    CPPUNIT_TEST(everyReservedBitFailsTheConnection);
    CPPUNIT_TEST(whatCameBeforeAReservedBitIsAnswered);
    CPPUNIT_TEST(everyReservedOpcodeFailsTheConnection);
    CPPUNIT_TEST(pingsInOneWriteWithMessagesKeepTheirPlace);
    CPPUNIT_TEST_SUITE_END();

public:
    // 2.6.
    void pingsThatComeByteByByteAreAnswered() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        const std::string payload(125, '\xfe');
        client.sendChopped(clientFrame(0x89, payload), 1);
        client.expect(WebSocketOpcode::Pong, payload);
    }

    // 2.7, 2.8, 2.9.
    void unaskedPongsAreIgnoredWithAndWithoutPayload() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* payload : {"", "unsolicited pong payload"}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendFrame(WebSocketOpcode::Pong, payload);
            client.sendFrame(WebSocketOpcode::Ping, "ping payload");
            client.expect(WebSocketOpcode::Pong, "ping payload");
            client.sendClose(websocket::normal);
            CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receiveClose());
        }
    }

    // 2.10, 2.11.
    void manyPingsByteByByteAreAnsweredInOrder() {
        TestServer server({channelRoute("/ws", echo())});
        for (const std::size_t size : {1000, 1}) {
            WebSocketClient client(server.port(), "/ws");
            std::string pings;
            for (int number = 0; number < 10; ++number) pings += clientFrame(0x89, "payload-" + std::to_string(number));
            client.sendChopped(pings, size);
            for (int number = 0; number < 10; ++number)
                client.expect(WebSocketOpcode::Pong, "payload-" + std::to_string(number));
        }
    }

    // 2.5.
    void longPingsFailTheConnection() {
        TestServer server({channelRoute("/ws", echo())});
        for (const int opcode : {0x89, 0x8a}) {
            const auto frame = clientFrame(static_cast<unsigned char>(opcode), std::string(126, '\xfe'));
            expectFailure(server.port(), "2.5", frame, websocket::protocolError);
        }
    }

    // 3.1, 3.5, 3.6, 3.7: each of the bits, for each kind of frame.
    void everyReservedBitFailsTheConnection() {
        TestServer server({channelRoute("/ws", echo())});
        for (int bits = 1; bits < 8; ++bits)
            for (const int opcode : {0x1, 0x2, 0x8, 0x9, 0xa}) {
                const auto first = static_cast<unsigned char>(0x80 | bits << 4 | opcode);
                expectFailure(server.port(), "RSV " + std::to_string(bits) + " of opcode " + std::to_string(opcode),
                              clientFrame(first, opcode == 0x8 ? "" : "Hello, world!"), websocket::protocolError);
            }
    }

    // 3.2, 3.3, 3.4: the ping behind the fault is not answered.
    void whatCameBeforeAReservedBitIsAnswered() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)});
            for (int bits = 1; bits < 8; ++bits)
                expectFailure(server.port(), "3.2 with RSV " + std::to_string(bits),
                              clientFrame(0x81, "Hello, world!") +
                                  clientFrame(static_cast<unsigned char>(0x81 | bits << 4), "Hello, world!") +
                                  clientFrame(0x89, ""),
                              websocket::protocolError, {"Hello, world!"});
        }
    }

    // 4.1.1 to 4.2.5.
    void everyReservedOpcodeFailsTheConnection() {
        TestServer server({channelRoute("/ws", echo(), Execution::Worker)});
        for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            const auto first = static_cast<unsigned char>(0x80 | opcode);
            const auto name = "opcode " + std::to_string(opcode);
            for (const auto* payload : {"", "reserved opcode payload"}) {
                const auto frame = clientFrame(first, payload);
                expectFailure(server.port(), name, frame, websocket::protocolError);
                expectFailure(server.port(), name + " behind a message",
                              clientFrame(0x81, "Hello, world!") + frame + clientFrame(0x89, ""),
                              websocket::protocolError, {"Hello, world!"});
            }
        }
    }

    void pingsInOneWriteWithMessagesKeepTheirPlace() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendBytes(clientFrame(0x89, "a") + clientFrame(0x89, "b") + clientFrame(0x81, "c"));
        client.expect(WebSocketOpcode::Pong, "a");
        client.expect(WebSocketOpcode::Pong, "b");
        client.expect(WebSocketOpcode::Text, "c");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketControlFramesTest);

}  // namespace
}  // namespace playhouse::host
