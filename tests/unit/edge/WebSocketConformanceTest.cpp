// What RFC 6455 asks of a server, case by case, against an echo over a real socket, each sent whole and byte by byte.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

namespace playhouse::host {
namespace {

EdgeSettings largeMessages() {
    EdgeSettings settings;
    settings.channels.maximumMessageSize = 2 * 1024 * 1024;
    settings.channels.maximumMessageRate = 0;
    settings.channels.maximumQueueSize = 8 * 1024 * 1024;
    return settings;
}

class WebSocketConformanceTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketConformanceTest);
    CPPUNIT_TEST(echoesTextAndBytesOfEachLengthNotation);
    CPPUNIT_TEST(echoesFramesThatComeByteByByte);
    CPPUNIT_TEST(answersPingsWithTheirPayload);
    CPPUNIT_TEST(ignoresUnaskedPongs);
    CPPUNIT_TEST(answersPingsWithinAFragmentedMessage);
    CPPUNIT_TEST(joinsFragments);
    CPPUNIT_TEST(refusesWhatBreaksTheProtocol);
    CPPUNIT_TEST(refusesTextThatIsNoUtf8);
    CPPUNIT_TEST(takesTextThatIsUtf8);
    CPPUNIT_TEST(answersCloseWithItsCode);
    CPPUNIT_TEST(answersCloseWithoutCode);
    CPPUNIT_TEST(refusesCloseFramesThatAreWrong);
    CPPUNIT_TEST(saysNothingAfterClose);
    CPPUNIT_TEST(largeMessagesAreClosedWith1009);
    CPPUNIT_TEST(manySmallMessagesKeepTheirOrder);
    CPPUNIT_TEST_SUITE_END();

public:
    // RFC 6455 section 5.2.
    void echoesTextAndBytesOfEachLengthNotation() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)}, largeMessages());
            WebSocketClient client(server.port(), "/ws");
            for (const std::size_t size : {0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1048576}) {
                const std::string payload(size, '*');
                for (const auto opcode : {WebSocketOpcode::Text, WebSocketOpcode::Binary}) {
                    client.sendFrame(opcode, payload);
                    const auto frame = client.receive();
                    CPPUNIT_ASSERT(frame.opcode == opcode);
                    CPPUNIT_ASSERT(frame.isFinal && !frame.isCompressed);
                    CPPUNIT_ASSERT(frame.payload == payload);
                }
            }
            client.sendClose(websocket::normal);
            CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receiveClose());
        }
    }

    void echoesFramesThatComeByteByByte() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        for (const auto byte : clientFrame(0x82, std::string(300, 'b'))) client.sendBytes({&byte, 1});
        CPPUNIT_ASSERT_EQUAL(std::string(300, 'b'), client.receive().payload);
    }

    // RFC 6455 section 5.5.2.
    void answersPingsWithTheirPayload() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        for (const auto& payload :
             {std::string(), std::string("hello"), std::string("\x00\xff\xfe\xfd", 4), std::string(125, '\xfe')}) {
            client.sendFrame(WebSocketOpcode::Ping, payload);
            const auto frame = client.receive();
            CPPUNIT_ASSERT(frame.opcode == WebSocketOpcode::Pong);
            CPPUNIT_ASSERT_EQUAL(payload, frame.payload);
        }
        for (int count = 0; count < 10; ++count) client.sendFrame(WebSocketOpcode::Ping, std::to_string(count));
        for (int count = 0; count < 10; ++count) CPPUNIT_ASSERT_EQUAL(std::to_string(count), client.receive().payload);
    }

    // RFC 6455 section 5.5.3.
    void ignoresUnaskedPongs() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendFrame(WebSocketOpcode::Pong, "nobody asked");
        client.sendText("next");
        CPPUNIT_ASSERT_EQUAL(std::string("next"), client.receiveText());
    }

    // RFC 6455 section 5.4.
    void answersPingsWithinAFragmentedMessage() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendFrame(WebSocketOpcode::Text, "one, ", false);
        client.sendFrame(WebSocketOpcode::Ping, "there?");
        client.sendFrame(WebSocketOpcode::Continuation, "two", true);
        const auto pong = client.receive();
        CPPUNIT_ASSERT(pong.opcode == WebSocketOpcode::Pong);
        CPPUNIT_ASSERT_EQUAL(std::string("there?"), pong.payload);
        CPPUNIT_ASSERT_EQUAL(std::string("one, two"), client.receiveText());
    }

    void joinsFragments() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendFrame(WebSocketOpcode::Text, "", false);
        for (int count = 0; count < 5; ++count) client.sendFrame(WebSocketOpcode::Continuation, "ab", false);
        client.sendFrame(WebSocketOpcode::Continuation, "", true);
        CPPUNIT_ASSERT_EQUAL(std::string("ababababab"), client.receiveText());
        // A character may be cut by fragments (section 5.6).
        client.sendFrame(WebSocketOpcode::Text, "\xce", false);
        client.sendFrame(WebSocketOpcode::Continuation, "\xba", true);
        CPPUNIT_ASSERT_EQUAL(std::string("\xce\xba"), client.receiveText());
    }

    void refusesWhatBreaksTheProtocol() {
        const std::string longPing(126, 'p');
        const std::vector<std::pair<const char*, std::string>> cases{
            {"5.1: a frame that is not masked", std::string("\x81\x02hi", 4)},
            {"5.2: RSV1 without an extension", clientFrame(0xc1, "hi")},
            {"5.2: RSV2", clientFrame(0xa1, "hi")},
            {"5.2: RSV3", clientFrame(0x91, "hi")},
            {"5.2: RSV3 of a control frame", clientFrame(0x99, "hi")},
            {"5.2: opcode 3", clientFrame(0x83, "hi")},
            {"5.2: opcode 7", clientFrame(0x87, "")},
            {"5.2: opcode 11", clientFrame(0x8b, "hi")},
            {"5.2: opcode 15", clientFrame(0x8f, "")},
            {"5.2: a length of 16 bits that fits in 7", std::string("\x81\xfe\x00\x02", 4)},
            {"5.2: a length of 64 bits that fits in 16", std::string("\x81\xff\x00\x00\x00\x00\x00\x00\x01\x00", 10)},
            {"5.2: the highest bit of a length", std::string("\x82\xff\x80\x00\x00\x00\x00\x01\x00\x00", 10)},
            {"5.4: a continuation of nothing", clientFrame(0x80, "hi")},
            {"5.4: a continuation of nothing that goes on", clientFrame(0x00, "hi")},
            {"5.4: a message within another", clientFrame(0x01, "a") + clientFrame(0x81, "b")},
            {"5.5: a fragmented ping", clientFrame(0x09, "hi")},
            {"5.5: a fragmented close", clientFrame(0x08, "")},
            {"5.5: a ping of 126 bytes", clientFrame(0x89, longPing)},
            {"5.5: a close of 126 bytes", clientFrame(0x88, std::string("\x03\xe8", 2) + std::string(124, 'r'))},
        };
        TestServer server({channelRoute("/ws", echo())});
        for (const auto& [name, bytes] : cases) {
            for (const bool whole : {true, false}) {
                WebSocketClient client(server.port(), "/ws");
                if (whole) client.sendBytes(bytes);
                for (std::size_t index = 0; !whole && index < bytes.size(); ++index)
                    client.sendBytes(std::string_view(bytes).substr(index, 1));
                CPPUNIT_ASSERT_EQUAL_MESSAGE(name, websocket::protocolError, client.receiveClose());
            }
        }
    }

    // RFC 6455 section 8.1; the sequences of RFC 3629.
    void refusesTextThatIsNoUtf8() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* text :
             {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
              "edited",
              "\xf4\x90\x80\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x88\x80\x80\x80",
              "\xed\xbf\xbf", "\xfe", "\xff", "\x80", "\xbf", "\xc0", "\xe0\x80", "abc\xce", "\xf7\xbf\xbf\xbf"}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendText(text);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, websocket::invalidPayload, client.receiveClose());
        }
        // As bytes they may be sent.
        WebSocketClient client(server.port(), "/ws");
        client.sendFrame(WebSocketOpcode::Binary, "\xff\xfe");
        CPPUNIT_ASSERT_EQUAL(std::string("\xff\xfe"), client.receive().payload);
    }

    void takesTextThatIsUtf8() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        for (const auto& text :
             {std::string("\x00", 1), std::string("\x7f"), std::string("\xc2\x80"), std::string("\xdf\xbf"),
              std::string("\xe0\xa0\x80"), std::string("\xef\xbf\xbf"), std::string("\xf0\x90\x80\x80"),
              std::string("\xf4\x8f\xbf\xbf"), std::string("\xed\x9f\xbf"), std::string("\xee\x80\x80"),
              std::string("\xef\xbf\xbd")}) {
            client.sendText(text);
            CPPUNIT_ASSERT_EQUAL(text, client.receiveText());
        }
    }

    // RFC 6455 section 7.1.5.
    void answersCloseWithItsCode() {
        TestServer server({channelRoute("/ws", echo())});
        for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendClose(static_cast<std::uint16_t>(code), "a reason");
            const auto frame = client.receive();
            CPPUNIT_ASSERT(frame.opcode == WebSocketOpcode::Close);
            CPPUNIT_ASSERT_EQUAL(code, static_cast<int>(frame.code()));
            CPPUNIT_ASSERT(client.isClosed());
        }
    }

    void answersCloseWithoutCode() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendFrame(WebSocketOpcode::Close, "");
        CPPUNIT_ASSERT_EQUAL(std::string(), client.receive().payload);
        CPPUNIT_ASSERT(client.isClosed());
    }

    // RFC 6455 section 7.4.
    void refusesCloseFramesThatAreWrong() {
        TestServer server({channelRoute("/ws", echo())});
        for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendClose(static_cast<std::uint16_t>(code));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(code), websocket::protocolError, client.receiveClose());
        }
        WebSocketClient half(server.port(), "/ws");
        half.sendFrame(WebSocketOpcode::Close, "\x03");
        CPPUNIT_ASSERT_EQUAL(websocket::protocolError, half.receiveClose());
        WebSocketClient reason(server.port(), "/ws");
        reason.sendClose(websocket::normal, "\xff");
        CPPUNIT_ASSERT_EQUAL(websocket::invalidPayload, reason.receiveClose());
    }

    // RFC 6455 section 5.5.1.
    void saysNothingAfterClose() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendBytes(clientFrame(0x88, std::string("\x03\xe8", 2)) + clientFrame(0x81, "too late") +
                         clientFrame(0x89, "too late"));
        CPPUNIT_ASSERT(client.receive().opcode == WebSocketOpcode::Close);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void largeMessagesAreClosedWith1009() {
        EdgeSettings settings;
        settings.channels.maximumMessageSize = 1000;
        ChannelOptions smaller(Execution::Inline);
        smaller.maximumMessageSize = 10;
        TestServer server({channelRoute("/ws", echo()), channelRoute("/small", echo(), smaller)}, settings);
        {
            WebSocketClient client(server.port(), "/ws");
            client.sendText(std::string(1000, 'a'));
            CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, client.receiveText().size());
            client.sendText(std::string(1001, 'a'));
            CPPUNIT_ASSERT_EQUAL(websocket::messageTooBig, client.receiveClose());
        }
        {
            WebSocketClient client(server.port(), "/ws");
            client.sendFrame(WebSocketOpcode::Text, std::string(600, 'a'), false);
            client.sendFrame(WebSocketOpcode::Continuation, std::string(401, 'a'), true);
            CPPUNIT_ASSERT_EQUAL(websocket::messageTooBig, client.receiveClose());
        }
        {
            // A length that lies: nothing of it is waited for.
            WebSocketClient client(server.port(), "/ws");
            client.sendBytes(std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14));
            CPPUNIT_ASSERT_EQUAL(websocket::messageTooBig, client.receiveClose());
        }
        WebSocketClient client(server.port(), "/small");
        client.sendText("12345678901");
        CPPUNIT_ASSERT_EQUAL(websocket::messageTooBig, client.receiveClose());
    }

    void manySmallMessagesKeepTheirOrder() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)}, largeMessages());
            WebSocketClient client(server.port(), "/ws");
            std::string all;
            constexpr int count = 5000;
            for (int number = 0; number < count; ++number) all += clientFrame(0x81, std::to_string(number));
            client.sendBytes(all);
            for (int number = 0; number < count; ++number)
                CPPUNIT_ASSERT_EQUAL(std::to_string(number), client.receiveText());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketConformanceTest);

}  // namespace
}  // namespace playhouse::host
