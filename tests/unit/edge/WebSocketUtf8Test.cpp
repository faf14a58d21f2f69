// Text that is UTF-8 and text that is not: group 6 of the Autobahn test suite (RFC 6455 section 8.1, RFC 3629), by its
// numbers there.

#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

namespace playhouse::host {
namespace {

std::string encoded(char32_t point) {
    const auto tail = [point](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3f)); };
    if (point < 0x80) return {static_cast<char>(point)};
    if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), tail(0)};
    if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

class WebSocketUtf8Test final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketUtf8Test);
    CPPUNIT_TEST(emptyFragmentsMakeAnEmptyText);
    CPPUNIT_TEST(charactersMayBeCutByFragments);
    CPPUNIT_TEST(badTextIsNotWaitedForToItsEnd);
    CPPUNIT_TEST(badFragmentIsNotWaitedForToItsEnd);
    CPPUNIT_TEST(boundariesOfEachLengthAreTaken);
    CPPUNIT_TEST(noncharactersAreTaken);
    CPPUNIT_TEST(overlongAndImpossibleSequencesFailTheConnection);
    CPPUNIT_TEST(surrogatesFailTheConnection);
    CPPUNIT_TEST(charactersThatStayIncompleteFailTheConnection);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::string_view kosme = "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!";

    static void takes(const std::vector<std::string>& texts) {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        for (const auto& text : texts) {
            client.sendText(text);
            client.expect(WebSocketOpcode::Text, text);
            for (std::size_t at = 0; at < text.size(); ++at)
                client.sendFrame(at == 0 ? WebSocketOpcode::Text : WebSocketOpcode::Continuation, text.substr(at, 1),
                                 false);
            client.sendFrame(WebSocketOpcode::Continuation, "", true);
            client.expect(WebSocketOpcode::Text, text);
        }
    }

    static void refuses(const std::vector<std::string>& texts) {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto& text : texts) {
            expectFailure(server.port(), text, clientFrame(0x81, text), websocket::invalidPayload);
            expectFailure(server.port(), text, clientFrame(0x81, std::string(kosme) + text + std::string(kosme)),
                          websocket::invalidPayload);
        }
    }

public:
    // 6.1.1, 6.1.2, 6.1.3.
    void emptyFragmentsMakeAnEmptyText() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        client.sendText("");
        client.expect(WebSocketOpcode::Text, "");
        client.sendBytes(clientFrame(0x01, "") + clientFrame(0x00, "") + clientFrame(0x80, ""));
        client.expect(WebSocketOpcode::Text, "");
        client.sendBytes(clientFrame(0x01, "") + clientFrame(0x00, "middle frame payload") + clientFrame(0x80, ""));
        client.expect(WebSocketOpcode::Text, "middle frame payload");
    }

    // 6.2.1 to 6.2.4.
    void charactersMayBeCutByFragments() {
        takes({std::string(kosme), "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", "\xf0\x9f\x8e\xac"});
    }

    // 6.4.1, 6.4.2: the third fragment never comes.
    void badTextIsNotWaitedForToItsEnd() {
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* bad : {"\xf4\x90\x80\x80", "\xf4\x90\x80", "\xed\xa0\x80"}) {
            WebSocketClient client(server.port(), "/ws");
            client.sendFrame(WebSocketOpcode::Text, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", false);
            client.sendFrame(WebSocketOpcode::Continuation, bad + std::string("edited"), false);
            CPPUNIT_ASSERT_EQUAL(websocket::invalidPayload, client.receiveClose());
        }
    }

    // 6.4.3, 6.4.4: nor the rest of the frame.
    void badFragmentIsNotWaitedForToItsEnd() {
        TestServer server({channelRoute("/ws", echo())});
        WebSocketClient client(server.port(), "/ws");
        const auto frame = clientFrame(0x81, std::string(kosme) + "\xf4\x90\x80\x80" + std::string(1000, 'a'));
        client.sendBytes(std::string_view(frame).substr(0, frame.size() - 900));
        CPPUNIT_ASSERT_EQUAL(websocket::invalidPayload, client.receiveClose());
    }

    // 6.5, 6.7, 6.9: the first and last of each length, and around the surrogates.
    void boundariesOfEachLengthAreTaken() {
        std::vector<std::string> texts;
        for (const char32_t point : {0x0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff})
            texts.push_back(encoded(point));
        takes(texts);
    }

    // 6.22, 6.23.
    void noncharactersAreTaken() {
        std::vector<std::string> texts;
        for (char32_t plane = 0; plane <= 0x10; ++plane)
            for (const char32_t last : {0xfffe, 0xffff}) texts.push_back(encoded(plane << 16 | last));
        for (char32_t point = 0xfff9; point <= 0xffff; ++point) texts.push_back(encoded(point));
        takes(texts);
    }

    // 6.8, 6.10 to 6.14, 6.17 to 6.19, 6.21.
    void overlongAndImpossibleSequencesFailTheConnection() {
        refuses({"\xfe",
                 "\xff",
                 "\xfe\xfe\xff\xff",
                 "\xc0\xaf",
                 "\xe0\x80\xaf",
                 "\xf0\x80\x80\xaf",
                 "\xf8\x80\x80\x80\xaf",
                 "\xfc\x80\x80\x80\x80\xaf",
                 "\xc1\xbf",
                 "\xe0\x9f\xbf",
                 "\xf0\x8f\xbf\xbf",
                 "\xf8\x87\xbf\xbf\xbf",
                 "\xfc\x83\xbf\xbf\xbf\xbf",
                 std::string("\xc0\x80"),
                 "\xe0\x80\x80",
                 "\xf8\x88\x80\x80\x80",
                 "\xfc\x84\x80\x80\x80\x80",
                 "\xf7\xbf\xbf\xbf",
                 "\xf4\x90\x80\x80",
                 "\xfb\xbf\xbf\xbf\xbf",
                 "\xfd\xbf\xbf\xbf\xbf\xbf"});
    }

    // 6.20, 6.21: halves of surrogate pairs, alone and in pairs.
    void surrogatesFailTheConnection() {
        refuses({encoded(0xd800), encoded(0xdb7f), encoded(0xdb80), encoded(0xdbff), encoded(0xdc00), encoded(0xdf80),
                 encoded(0xdfff), encoded(0xd800) + encoded(0xdc00), encoded(0xdbff) + encoded(0xdfff)});
    }

    // 6.3, 6.6, 6.12, 6.14 to 6.16: cut off, or continued without a beginning.
    void charactersThatStayIncompleteFailTheConnection() {
        refuses({"\x80", "\xbf", "\x80\xbf\x80", "\xc0 \xc1 \xdf ", "\xe0 \xef ", "\xf0 \xf4 ", "\xce\xce",
                 "\xe1\xbd \xcf", "\xf0\x90\x80 "});
        TestServer server({channelRoute("/ws", echo())});
        for (const auto* text : {"\xce", "\xce\xba\xe1", "\xe1\xbd", "\xf0\x90", "\xf0\x90\x80", "\xdf", "\xef\xbf"})
            expectFailure(server.port(), text, clientFrame(0x81, text), websocket::invalidPayload);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketUtf8Test);

}  // namespace
}  // namespace playhouse::host
