#include "WebSocketClient.h"
#include "edge/WebSocketCompression.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::host {
namespace {

constexpr const char* deflateOffer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

EdgeSettings compressing() {
    EdgeSettings settings;
    settings.channels.compression = true;
    settings.channels.compressionMinimumSize = 100;
    settings.channels.maximumMessageSize = 100'000;
    return settings;
}

class WebSocketCompressionTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketCompressionTest);
    CPPUNIT_TEST(deflatesAndInflates);
    CPPUNIT_TEST(inflatesTheStandardsExamples);
    CPPUNIT_TEST(isOffUnlessConfigured);
    CPPUNIT_TEST(isAgreedWithoutContextTakeover);
    CPPUNIT_TEST(offersThatLimitOurWindowAreNotTaken);
    CPPUNIT_TEST(longMessagesGoCompressedAndShortOnesPlain);
    CPPUNIT_TEST(publishedMessagesReachBothKinds);
    CPPUNIT_TEST(bombsAreClosedWith1009);
    CPPUNIT_TEST(whatIsNoDeflatedDataIsClosedWith1007);
    CPPUNIT_TEST(compressedTextIsCheckedToo);
    CPPUNIT_TEST_SUITE_END();

public:
    void deflatesAndInflates() {
        WebSocketCompression compression;
        for (const auto& text :
             {std::string(), std::string("a"), std::string(100'000, 'z'), std::string("abcabcabc")}) {
            const auto small = compression.deflate(text);
            CPPUNIT_ASSERT_EQUAL(text, compression.inflate(small, 200'000));
        }
        CPPUNIT_ASSERT(compression.deflate(std::string(100'000, 'z')).size() < 500);
    }

    // RFC 7692 section 7.2.3.
    void inflatesTheStandardsExamples() {
        WebSocketCompression compression;
        CPPUNIT_ASSERT_EQUAL(std::string("Hello"),
                             compression.inflate(std::string("\xf2\x48\xcd\xc9\xc9\x07\x00", 7), 100));
        // A block without compression, a final block, and two blocks in one message.
        CPPUNIT_ASSERT_EQUAL(std::string("Hello"),
                             compression.inflate(std::string("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11), 100));
        CPPUNIT_ASSERT_EQUAL(std::string("Hello"),
                             compression.inflate(std::string("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8), 100));
        CPPUNIT_ASSERT_EQUAL(
            std::string("Hello"),
            compression.inflate(std::string("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13), 100));
    }

    void isOffUnlessConfigured() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws", deflateOffer);
        CPPUNIT_ASSERT(!client.handshake().headers.contains("sec-websocket-extensions"));
        client.sendBytes(clientFrame(0xc1, "x"));
        CPPUNIT_ASSERT_EQUAL(websocket::protocolError, client.receiveClose());
    }

    void isAgreedWithoutContextTakeover() {
        TestServer server({channelRoute("/ws", echo())}, compressing());
        WebSocketClient client(server.port(), "/ws", deflateOffer);
        CPPUNIT_ASSERT_EQUAL(std::string("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
                             client.handshake().headers.at("sec-websocket-extensions"));
    }

    void offersThatLimitOurWindowAreNotTaken() {
        TestServer server({channelRoute("/ws", echo())}, compressing());
        for (const auto* other :
             {"permessage-deflate; server_max_window_bits=10", "permessage-bzip2", "permessage-deflate; unknown=1"}) {
            WebSocketClient client(server.port(), "/ws", "Sec-WebSocket-Extensions: " + std::string(other) + "\r\n");
            CPPUNIT_ASSERT(!client.handshake().headers.contains("sec-websocket-extensions"));
        }
        // The next deflateOffer of several is.
        WebSocketClient client(
            server.port(), "/ws",
            "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10, permessage-deflate\r\n");
        CPPUNIT_ASSERT(client.handshake().headers.contains("sec-websocket-extensions"));
    }

    void longMessagesGoCompressedAndShortOnesPlain() {
        TestServer server({channelRoute("/ws", echo(), Execution::Worker)}, compressing());
        WebSocketClient client(server.port(), "/ws", deflateOffer);
        WebSocketCompression compression;
        const std::string message(5000, 'm');
        client.sendBytes(clientFrame(0xc1, compression.deflate(message)));
        const auto frame = client.receive();
        CPPUNIT_ASSERT(frame.isCompressed);
        CPPUNIT_ASSERT_EQUAL(message, compression.inflate(frame.payload, 10'000));
        client.sendText("short");
        CPPUNIT_ASSERT_EQUAL(std::string("short"), client.receiveText());
        // In fragments only the first says that it is compressed (RFC 7692 section 6.1).
        const auto packed = compression.deflate(message);
        client.sendBytes(clientFrame(0x41, packed.substr(0, 3)) + clientFrame(0x80, packed.substr(3)));
        CPPUNIT_ASSERT_EQUAL(message, compression.inflate(client.receive().payload, 10'000));
    }

    void publishedMessagesReachBothKinds() {
        auto handler = echo();
        handler.opened = [](const Request&, Channel& channel) {
            channel.subscribe("t");
            channel.send("ready");
        };
        TestServer server({channelRoute("/ws", handler)}, compressing());
        WebSocketClient plain(server.port(), "/ws");
        WebSocketClient compressed(server.port(), "/ws", deflateOffer);
        plain.receiveText();
        compressed.receiveText();
        const std::string message(1000, 'm');
        server.channels.publish("test", "t", ChannelMessage::Kind::Text, message);
        CPPUNIT_ASSERT_EQUAL(message, plain.receiveText());
        const auto frame = compressed.receive();
        CPPUNIT_ASSERT(frame.isCompressed);
        CPPUNIT_ASSERT_EQUAL(message, WebSocketCompression().inflate(frame.payload, 10'000));
    }

    void bombsAreClosedWith1009() {
        TestServer server({channelRoute("/ws", echo())}, compressing());
        WebSocketClient client(server.port(), "/ws", deflateOffer);
        client.sendBytes(clientFrame(0xc2, WebSocketCompression().deflate(std::string(50'000'000, '\0'))));
        CPPUNIT_ASSERT_EQUAL(websocket::messageTooBig, client.receiveClose());
    }

    void whatIsNoDeflatedDataIsClosedWith1007() {
        TestServer server({channelRoute("/ws", echo())}, compressing());
        const auto good = WebSocketCompression().deflate(std::string("some text that is long enough to be cut"));
        for (const auto& data : {std::string("\xff\xff\xff\xff"), good.substr(0, good.size() / 2)}) {
            WebSocketClient client(server.port(), "/ws", deflateOffer);
            client.sendBytes(clientFrame(0xc2, data));
            CPPUNIT_ASSERT_EQUAL(websocket::invalidPayload, client.receiveClose());
        }
    }

    void compressedTextIsCheckedToo() {
        TestServer server({channelRoute("/ws", echo())}, compressing());
        WebSocketClient client(server.port(), "/ws", deflateOffer);
        client.sendBytes(clientFrame(0xc1, WebSocketCompression().deflate("\xff\xfe")));
        CPPUNIT_ASSERT_EQUAL(websocket::invalidPayload, client.receiveClose());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketCompressionTest);

}  // namespace
}  // namespace playhouse::host
