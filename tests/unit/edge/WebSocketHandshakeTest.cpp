// The opening handshake of RFC 6455 section 4.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace playhouse::host {
namespace {

constexpr std::string_view good =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string without(std::string_view line, std::string_view with = {}) {
    std::string text(good);
    const auto at = text.find(line);
    text.replace(at, text.find("\r\n", at) + 2 - at, with);
    return text;
}

class WebSocketHandshakeTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketHandshakeTest);
    CPPUNIT_TEST(acceptsAsTheStandardsExampleSays);
    CPPUNIT_TEST(plainRequestsGet426);
    CPPUNIT_TEST(otherVersionsGet426WithOurs);
    CPPUNIT_TEST(badKeysGet400);
    CPPUNIT_TEST(postGets405);
    CPPUNIT_TEST(http10Gets426);
    CPPUNIT_TEST(handlerRefusesWithItsOwnAnswer);
    CPPUNIT_TEST(handlerThatThrowsGets500);
    CPPUNIT_TEST(ourFirstCommonSubprotocolIsChosen);
    CPPUNIT_TEST(noCommonSubprotocolGets400);
    CPPUNIT_TEST(pagesOfOtherSitesGet403);
    CPPUNIT_TEST(pagesOfThisAndOfAllowedSitesConnect);
    CPPUNIT_TEST(framesMayFollowTheRequestAtOnce);
    CPPUNIT_TEST(requestsBehindARefusedHandshakeAreAnswered);
    CPPUNIT_TEST_SUITE_END();

public:
    void acceptsAsTheStandardsExampleSays() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        // RFC 6455 section 1.3.
        CPPUNIT_ASSERT_EQUAL(std::string("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                             client.handshake().headers.at("sec-websocket-accept"));
        CPPUNIT_ASSERT_EQUAL(std::string("websocket"), client.handshake().headers.at("upgrade"));
        CPPUNIT_ASSERT_EQUAL(std::string("Upgrade"), client.handshake().headers.at("connection"));
        CPPUNIT_ASSERT(!client.handshake().headers.contains("sec-websocket-extensions"));
        CPPUNIT_ASSERT(!client.handshake().headers.contains("content-length"));
    }

    void plainRequestsGet426() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto& headers : {std::string(), without("Upgrade: websocket"), without("Connection: Upgrade"),
                                    without("Upgrade: websocket", "Upgrade: h2c\r\n")}) {
            RawClient client(server.port());
            const auto answer = client.get("/ws", headers);
            CPPUNIT_ASSERT_EQUAL(426, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("websocket"), answer.headers.at("upgrade"));
            CPPUNIT_ASSERT(answer.body.find("UPGRADE_REQUIRED") != std::string::npos);
        }
    }

    void otherVersionsGet426WithOurs() {
        TestServer server({channelRoute("/ws", echo())});
        RawClient client(server.port());
        const auto answer = client.get("/ws", without("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8\r\n"));
        CPPUNIT_ASSERT_EQUAL(426, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("13"), answer.headers.at("sec-websocket-version"));
    }

    void badKeysGet400() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* key : {"", "Sec-WebSocket-Key: short\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=\r\n",
                                "Sec-WebSocket-Key: !!hlIHNhbXBsZSBub25jZQ==\r\n"}) {
            RawClient client(server.port());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, 400, client.get("/ws", without("Sec-WebSocket-Key", key)).status);
        }
    }

    void postGets405() {
        TestServer server({channelRoute("/ws", echo())});
        RawClient client(server.port());
        client.send("POST /ws HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n" + std::string(good) + "\r\n");
        CPPUNIT_ASSERT_EQUAL(405, client.receive().status);
    }

    void http10Gets426() {
        TestServer server({channelRoute("/ws", echo())});
        RawClient client(server.port());
        client.send("GET /ws HTTP/1.0\r\nHost: test\r\n" + std::string(good) + "\r\n");
        CPPUNIT_ASSERT_EQUAL(426, client.receive().status);
    }

    void handlerRefusesWithItsOwnAnswer() {
        auto handler = echo();
        handler.opened = [](const Request& request, Channel&) {
            throw ApiError(403, "BANNED", request.pathParameter("user") + " may not come in.");
        };
        TestServer server({channelRoute("/ws/{user}", handler, Execution::Worker)});
        RawClient client(server.port());
        const auto answer = client.get("/ws/ann", good);
        CPPUNIT_ASSERT_EQUAL(403, answer.status);
        CPPUNIT_ASSERT(answer.body.find("ann may not come in.") != std::string::npos);
        // The connection is HTTP's still.
        CPPUNIT_ASSERT_EQUAL(404, client.get("/other").status);
    }

    void handlerThatThrowsGets500() {
        auto handler = echo();
        handler.opened = [](const Request&, Channel&) { throw std::runtime_error("a secret"); };
        TestServer server({channelRoute("/ws", handler)});
        RawClient client(server.port());
        const auto answer = client.get("/ws", good);
        CPPUNIT_ASSERT_EQUAL(500, answer.status);
        CPPUNIT_ASSERT(answer.body.find("secret") == std::string::npos);
    }

    void ourFirstCommonSubprotocolIsChosen() {
        ChannelOptions options(Execution::Inline);
        options.subprotocols = {"chat.v2", "chat.v1"};
        auto handler = echo();
        handler.opened = [](const Request&, Channel& channel) { channel.send(channel.subprotocol()); };
        TestServer server({channelRoute("/ws", handler, options)});
        WebSocketClient client(server.port(), "/ws",
                               "Sec-WebSocket-Protocol: other, chat.v1\r\nSec-WebSocket-Protocol: chat.v2\r\n");
        CPPUNIT_ASSERT_EQUAL(std::string("chat.v2"), client.handshake().headers.at("sec-websocket-protocol"));
        CPPUNIT_ASSERT_EQUAL(std::string("chat.v2"), client.receiveText());
    }

    void noCommonSubprotocolGets400() {
        ChannelOptions options(Execution::Inline);
        options.subprotocols = {"chat.v2"};
        TestServer server({channelRoute("/ws", echo(), options)});
        for (const auto* offer : {"", "Sec-WebSocket-Protocol: chat.v1\r\n"}) {
            RawClient client(server.port());
            const auto answer = client.get("/ws", std::string(good) + offer);
            CPPUNIT_ASSERT_EQUAL(400, answer.status);
            CPPUNIT_ASSERT(answer.body.find("chat.v2") != std::string::npos);
        }
    }

    // RFC 6455 section 10.2.
    void pagesOfOtherSitesGet403() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* origin : {"https://elsewhere.example", "null", "test"}) {
            RawClient client(server.port());
            const auto answer = client.get("/ws", std::string(good) + "Origin: " + origin + "\r\n");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(origin, 403, answer.status);
        }
    }

    void pagesOfThisAndOfAllowedSitesConnect() {
        EdgeSettings settings;
        settings.cors.allowedOrigins = {"https://player.example"};
        TestServer server({channelRoute("/ws", echo())}, settings);
        WebSocketClient same(server.port(), "/ws", "Origin: http://test\r\n");
        WebSocketClient allowed(server.port(), "/ws", "Origin: https://player.example\r\n");
    }

    void framesMayFollowTheRequestAtOnce() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution)});
            RawClient eager(server.port());
            eager.send("GET /ws HTTP/1.1\r\nHost: test\r\n" + std::string(good) + "\r\n" +
                       clientFrame(0x81, "at once"));
            CPPUNIT_ASSERT_EQUAL(101, eager.receive(false).status);
            CPPUNIT_ASSERT_EQUAL(std::string("\x81\x07"
                                             "at once"),
                                 eager.take(9));
        }
    }

    void requestsBehindARefusedHandshakeAreAnswered() {
        for (const auto execution : {Execution::Inline, Execution::Worker}) {
            TestServer server({channelRoute("/ws", echo(), execution),
                               route(Method::Get, "/next", [](const Request&) { return Response::text("next"); })});
            RawClient client(server.port());
            std::string requests;
            for (int count = 0; count < 1000; ++count) requests += "GET /ws HTTP/1.1\r\nHost: test\r\n\r\n";
            client.send(requests + "GET /next HTTP/1.1\r\nHost: test\r\n\r\n");
            for (int count = 0; count < 1000; ++count) CPPUNIT_ASSERT_EQUAL(426, client.receive().status);
            CPPUNIT_ASSERT_EQUAL(std::string("next"), client.receive().body);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketHandshakeTest);

}  // namespace
}  // namespace playhouse::host
