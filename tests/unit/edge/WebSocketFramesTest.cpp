#include "WebSocketClient.h"

#include <cppunit/extensions/HelperMacros.h>

#include <vector>

namespace playhouse::host {
namespace {

class WebSocketFramesTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(WebSocketFramesTest);
    CPPUNIT_TEST(readsTheStandardsExamples);
    CPPUNIT_TEST(readsTheSameHoweverBytesAreCut);
    CPPUNIT_TEST(writesTheStandardsExamples);
    CPPUNIT_TEST(longReasonsAreCutBetweenCharacters);
    CPPUNIT_TEST_SUITE_END();

public:
    // RFC 6455 section 5.7.
    void readsTheStandardsExamples() {
        const auto events = readAll("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 100);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Hello"), events[0].data);
        CPPUNIT_ASSERT(events[0].kind == WebSocketOpcode::Text);
    }

    void readsTheSameHoweverBytesAreCut() {
        const auto bytes = clientFrame(0x01, "Hel") + clientFrame(0x89, "ping") + clientFrame(0x80, "lo") +
                           clientFrame(0x82, std::string(70000, 'x')) +
                           clientFrame(0x88,
                                       "\x03\xe8"
                                       "bye");
        const auto whole = readAll(bytes, bytes.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, whole.size());
        CPPUNIT_ASSERT_EQUAL(std::string("ping"), whole[0].data);
        CPPUNIT_ASSERT_EQUAL(std::string("Hello"), whole[1].data);
        CPPUNIT_ASSERT_EQUAL(std::size_t{70000}, whole[2].data.size());
        CPPUNIT_ASSERT_EQUAL(std::string("bye"), whole[3].data);
        for (const std::size_t piece : {1, 2, 3, 7, 13, 1000}) {
            const auto events = readAll(bytes, piece);
            CPPUNIT_ASSERT_EQUAL(whole.size(), events.size());
            for (std::size_t index = 0; index < whole.size(); ++index) {
                CPPUNIT_ASSERT(events[index].kind == whole[index].kind);
                CPPUNIT_ASSERT(events[index].data == whole[index].data);
                CPPUNIT_ASSERT_EQUAL(whole[index].code, events[index].code);
            }
        }
    }

    void writesTheStandardsExamples() {
        std::string out;
        appendFrame(out, WebSocketOpcode::Text, "Hello");
        CPPUNIT_ASSERT_EQUAL(std::string("\x81\x05Hello"), out);
        out.clear();
        appendFrame(out, WebSocketOpcode::Binary, std::string(256, 'b'));
        CPPUNIT_ASSERT_EQUAL(std::string("\x82\x7e\x01\x00", 4), out.substr(0, 4));
        out.clear();
        appendFrame(out, WebSocketOpcode::Binary, std::string(65536, 'b'));
        CPPUNIT_ASSERT_EQUAL(std::string("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10), out.substr(0, 10));
    }

    // RFC 6455 section 5.5: 125 bytes at most, and the reason is UTF-8.
    void longReasonsAreCutBetweenCharacters() {
        std::string out;
        std::string reason(122, 'r');
        appendCloseFrame(out, websocket::normal, reason + "\xc3\xa4");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2 + 2 + 122}, out.size());
        out.clear();
        appendCloseFrame(out, websocket::normal, std::string(200, 'r'));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2 + 125}, out.size());
    }

private:
    static std::vector<WebSocketEvent> readAll(std::string bytes, std::size_t piece) {
        WebSocketReader reader(100000, false);
        std::vector<WebSocketEvent> events;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            auto input = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
            while (auto event = reader.next(input)) events.push_back(*std::move(event));
            CPPUNIT_ASSERT(input.empty());
        }
        return events;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WebSocketFramesTest);

}  // namespace
}  // namespace playhouse::host
