// The closing handshake: group 7 of the Autobahn test suite (RFC 6455 sections 5.5.1 and 7), by its numbers there.

#include "ChannelHandlers.h"
#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::host {
namespace {

std::string closeFrame(int code, std::string_view reason = {}) {
    return clientFrame(0x88,
                       std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} + std::string(reason));
}

class WebSocketClosingTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketClosingTest);
    CPPUNIT_TEST(whatCameBeforeCloseIsAnswered);
    CPPUNIT_TEST(largeMessageBeforeCloseIsAnswered);
    CPPUNIT_TEST(manyMessagesBeforeCloseAreAnswered);
    CPPUNIT_TEST(secondCloseIsIgnored);
    CPPUNIT_TEST(whatFollowsCloseIsIgnored);
    CPPUNIT_TEST(longestReasonIsTaken);
    CPPUNIT_TEST(longerReasonsFailTheConnection);
    CPPUNIT_TEST(reasonsThatAreNoUtf8FailTheConnection);
    CPPUNIT_TEST(registeredCodesAreTaken);
    CPPUNIT_TEST(otherCodesFailTheConnection);
    CPPUNIT_TEST(handlerThatHangsDoesNotHoldUpCloseForEver);
    CPPUNIT_TEST(handlerThatFailsBeforeCloseIsTold1011);
    CPPUNIT_TEST_SUITE_END();

public:
    // 7.1.1.
    void whatCameBeforeCloseIsAnswered() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)});
            WebSocketClient client(server.port(), "/ws");
            client.sendBytes(clientFrame(0x81, "Hello World!") + closeFrame(1000));
            client.expect(WebSocketOpcode::Text, "Hello World!");
            CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receive().code());
            CPPUNIT_ASSERT(client.isClosed());
        }
    }

    // 7.1.6.
    void largeMessageBeforeCloseIsAnswered() {
        const std::string large(256 * 1024, '*');
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)});
            WebSocketClient client(server.port(), "/ws");
            client.sendBytes(clientFrame(0x81, large) + clientFrame(0x81, "Hello World!") + closeFrame(1000) +
                             clientFrame(0x89, ""));
            client.expect(WebSocketOpcode::Text, large);
            client.expect(WebSocketOpcode::Text, "Hello World!");
            CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receive().code());
            CPPUNIT_ASSERT(client.isClosed());
        }
    }

    /// More than waits for a handler at a time.
    void manyMessagesBeforeCloseAreAnswered() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            Told<ChannelClosure> closed;
            auto handler = echo();
            handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
            TestServer server({channelRoute("/ws", handler, execution)});
            WebSocketClient client(server.port(), "/ws");
            std::string frames;
            for (int number = 0; number < 500; ++number) frames += clientFrame(0x81, std::to_string(number));
            client.sendBytes(frames + closeFrame(4001, "done"));
            for (int number = 0; number < 500; ++number) client.expect(WebSocketOpcode::Text, std::to_string(number));
            CPPUNIT_ASSERT_EQUAL(std::uint16_t{4001}, client.receive().code());
            CPPUNIT_ASSERT(client.isClosed());
            CPPUNIT_ASSERT_EQUAL(std::uint16_t{4001}, closed.wait().code);
        }
    }

    // 7.1.2.
    void secondCloseIsIgnored() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendBytes(closeFrame(1000) + closeFrame(1001));
        CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receive().code());
        CPPUNIT_ASSERT(client.isClosed());
    }

    // 7.1.3, 7.1.4.
    void whatFollowsCloseIsIgnored() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto& after : {clientFrame(0x89, ""), clientFrame(0x81, "too late"), clientFrame(0xf3, "bad")})
            for (const std::size_t size : {1000, 1}) {
                WebSocketClient client(server.port(), "/ws");
                client.sendChopped(closeFrame(1000) + after, size);
                CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receive().code());
                CPPUNIT_ASSERT(client.isClosed());
            }
    }

    // 7.3.3, 7.3.4, 7.3.5.
    void longestReasonIsTaken() {
        Told<ChannelClosure> closed;
        auto handler = echo();
        handler.closed = [closed](Channel&, const ChannelClosure& closure) { closed.tell(closure); };
        TestServer server({channelRoute("/ws", handler)});
        WebSocketClient client(server.port(), "/ws");
        const std::string reason(123, '*');
        client.sendClose(websocket::normal, reason);
        client.expect(WebSocketOpcode::Close, "\x03\xe8" + reason);
        CPPUNIT_ASSERT(client.isClosed());
        CPPUNIT_ASSERT_EQUAL(reason, closed.wait().reason);
    }

    // 7.3.2, 7.3.6.
    void longerReasonsFailTheConnection() {
        TestServer server({channelRoute("/ws", echo())});
        expectFailure(server.port(), "7.3.2", clientFrame(0x88, "a"), websocket::protocolError);
        expectFailure(server.port(), "7.3.6", closeFrame(1000, std::string(124, '*')), websocket::protocolError);
    }

    // 7.5.1.
    void reasonsThatAreNoUtf8FailTheConnection() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* reason : {"\xce\xba\xe1\xbd\xb9\xed\xa0\x80", "abc\xce", "\xff"})
            expectFailure(server.port(), "7.5.1", closeFrame(1000, reason), websocket::invalidPayload);
    }

    // 7.7.1 to 7.7.13, and what IANA has registered since.
    void registeredCodesAreTaken() {
        TestServer server({channelRoute("/ws", echo())});
        for (const int code :
             {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendBytes(closeFrame(code));
            CPPUNIT_ASSERT_EQUAL(code, static_cast<int>(client.receive().code()));
            CPPUNIT_ASSERT(client.isClosed());
        }
    }

    // 7.9.1 to 7.9.13, 7.13.1, 7.13.2.
    void otherCodesFailTheConnection() {
        TestServer server({channelRoute("/ws", echo())});
        for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
            expectFailure(server.port(), std::to_string(code), closeFrame(code), websocket::protocolError);
    }

    void handlerThatHangsDoesNotHoldUpCloseForEver() {
        std::promise<void> go;
        ChannelHandler handler;
        handler.message = [wait = go.get_future().share()](Channel&, const ChannelMessage&) { wait.wait(); };
        EdgeSettings settings;
        settings.channels.closeTimeout = std::chrono::milliseconds(50);
        TestServer server({channelRoute("/ws", handler, Execution::Worker)}, settings);
        WebSocketClient client(server.port(), "/ws");
        client.sendBytes(clientFrame(0x81, "hang") + closeFrame(1000));
        CPPUNIT_ASSERT_EQUAL(websocket::normal, client.receive().code());
        CPPUNIT_ASSERT(client.isClosed());
        go.set_value();
    }

    void handlerThatFailsBeforeCloseIsTold1011() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            ChannelHandler handler;
            handler.message = [](Channel&, const ChannelMessage&) { throw std::runtime_error("a bug"); };
            TestServer server({channelRoute("/ws", handler, execution)});
            WebSocketClient client(server.port(), "/ws");
            client.sendBytes(clientFrame(0x81, "x") + closeFrame(1000));
            CPPUNIT_ASSERT_EQUAL(websocket::internalError, client.receive().code());
            CPPUNIT_ASSERT(client.isClosed());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketClosingTest);

}  // namespace
}  // namespace playhouse::host
