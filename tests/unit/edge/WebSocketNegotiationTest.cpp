// Which offers of permessage-deflate are taken (RFC 7692 section 7.1), and messages of each size under them: the groups
// 12 and 13 of the Autobahn test suite.

#include "WebSocketClient.h"
#include "edge/WebSocketCompression.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::host {
namespace {

EdgeSettings compressingAll() {
    EdgeSettings settings;
    settings.channels.compression = true;
    settings.channels.compressionMinimumSize = 1;
    settings.channels.maximumMessageSize = 1024 * 1024;
    settings.channels.maximumMessageRate = 0;
    return settings;
}

std::string line(const std::string& offer) {
    return "Sec-WebSocket-Extensions: " + offer + "\r\n";
}

class WebSocketNegotiationTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketNegotiationTest);
    CPPUNIT_TEST(offersThatCanBeMetAreTaken);
    CPPUNIT_TEST(otherOffersAreDeclined);
    CPPUNIT_TEST(messagesOfEachSizeAreEchoed);
    CPPUNIT_TEST(compressedFragmentsAreJoined);
    CPPUNIT_TEST(controlFramesBetweenCompressedFragmentsAreAnswered);
    CPPUNIT_TEST(faultsOfCompressedFramesFailTheConnection);
    CPPUNIT_TEST_SUITE_END();

    static bool isTaken(const TestServer& server, const std::string& offer) {
        const WebSocketClient client(server.port(), "/ws", line(offer));
        return client.handshake().headers.contains("sec-websocket-extensions");
    }

public:
    void offersThatCanBeMetAreTaken() {
        TestServer server({channelRoute("/ws", echo())}, compressingAll());
        for (const std::string offer :
             {"permessage-deflate", "Permessage-Deflate", "permessage-deflate; client_max_window_bits",
              "permessage-deflate; client_max_window_bits=8", "permessage-deflate;client_max_window_bits=15",
              "permessage-deflate; client_max_window_bits=\"10\"", "permessage-deflate; client_no_context_takeover",
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=9",
              "x-webkit-deflate-frame, permessage-deflate",
              "permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits"})
            CPPUNIT_ASSERT_MESSAGE(offer, isTaken(server, offer));
    }

    // Section 7.1: what is not known, has a wrong value or comes twice makes an offer invalid.
    void otherOffersAreDeclined() {
        TestServer server({channelRoute("/ws", echo())}, compressingAll());
        for (const std::string offer :
             {"permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=16",
              "permessage-deflate; client_max_window_bits=08", "permessage-deflate; client_max_window_bits=",
              "permessage-deflate; client_max_window_bits=a", "permessage-deflate; client_max_window_bits_or_so",
              "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
              "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
              "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; server_max_window_bits=9",
              "permessage-deflate; server_max_window_bits", "permessage-deflate; unknown", "permessage-deflated", ""})
            CPPUNIT_ASSERT_MESSAGE(offer, !isTaken(server, offer));
    }

    void messagesOfEachSizeAreEchoed() {
        TestServer server({channelRoute("/ws", echo(), Execution::Worker)}, compressingAll());
        WebSocketCompression compression;
        for (const std::string offer :
             {"permessage-deflate", "permessage-deflate; client_no_context_takeover; client_max_window_bits=9"}) {
            WebSocketClient client(server.port(), "/ws", line(offer));
            for (const std::size_t size : {0, 1, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072}) {
                std::string text(size, '\0');
                for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>('a' + at * at % 23);
                for (int count = 0; count < 10; ++count) {
                    client.sendBytes(clientFrame(0xc1, compression.deflate(text)));
                    const auto frame = client.receive();
                    CPPUNIT_ASSERT_EQUAL(size > 0, frame.isCompressed);
                    CPPUNIT_ASSERT(text ==
                                   (frame.isCompressed ? compression.inflate(frame.payload, size + 1) : frame.payload));
                }
            }
        }
    }

    // RFC 7692 section 6.1.
    void compressedFragmentsAreJoined() {
        TestServer server({channelRoute("/ws", echo())}, compressingAll());
        WebSocketCompression compression;
        WebSocketClient client(server.port(), "/ws", line("permessage-deflate"));
        const std::string text(10'000, 'z');
        const auto packed = compression.deflate(text);
        for (const std::size_t size : {1, 2, 5}) {
            for (std::size_t at = 0; at < packed.size(); at += size)
                client.sendBytes(clientFrame(
                    static_cast<unsigned char>((at == 0 ? 0x41 : 0x00) | (at + size >= packed.size() ? 0x80 : 0)),
                    std::string_view(packed).substr(at, size)));
            CPPUNIT_ASSERT_EQUAL(text, compression.inflate(client.receive().payload, 20'000));
        }
    }

    void controlFramesBetweenCompressedFragmentsAreAnswered() {
        TestServer server({channelRoute("/ws", echo())}, compressingAll());
        WebSocketCompression compression;
        WebSocketClient client(server.port(), "/ws", line("permessage-deflate"));
        const auto packed = compression.deflate("\xce\xba in between");
        client.sendBytes(clientFrame(0x41, packed.substr(0, 2)) + clientFrame(0x89, "there?") +
                         clientFrame(0x80, packed.substr(2)) + clientFrame(0x81, "in clear"));
        client.expect(WebSocketOpcode::Pong, "there?");
        CPPUNIT_ASSERT_EQUAL(std::string("\xce\xba in between"), compression.inflate(client.receive().payload, 100));
        CPPUNIT_ASSERT_EQUAL(std::string("in clear"), compression.inflate(client.receive().payload, 100));
    }

    // Section 6.1: RSV1 belongs to the first frame of a message alone, and the other bits to nobody.
    void faultsOfCompressedFramesFailTheConnection() {
        TestServer server({channelRoute("/ws", echo())}, compressingAll());
        const auto packed = WebSocketCompression().deflate("Hello");
        for (const auto& bytes :
             {clientFrame(0x41, packed.substr(0, 2)) + clientFrame(0xc0, packed.substr(2)), clientFrame(0xc9, packed),
              clientFrame(0xc8, packed), clientFrame(0xe1, packed), clientFrame(0xd1, packed)}) {
            WebSocketClient client(server.port(), "/ws", line("permessage-deflate"));
            client.sendBytes(bytes);
            CPPUNIT_ASSERT_EQUAL(websocket::protocolError, client.receiveClose());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketNegotiationTest);

}  // namespace
}  // namespace playhouse::host
