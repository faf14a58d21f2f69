#include "control/LogLine.h"

#include "routing/RequestContext.h"

#include <Poco/Message.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

using namespace playhouse::host;

class LogLineTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LogLineTest);
    CPPUNIT_TEST(tellsTimeLevelSourceAndMessage);
    CPPUNIT_TEST(carriesTheRequestOfTheThread);
    CPPUNIT_TEST(prefersTheRequestOfTheMessage);
    CPPUNIT_TEST(aMessageStaysOneLineAndControlsNoTerminal);
    CPPUNIT_TEST(writesJsonThatParses);
    CPPUNIT_TEST(replacesWhatIsNotUtf8);
    CPPUNIT_TEST_SUITE_END();

    static Poco::Message message(const std::string& text) {
        Poco::Message message("plugin.streaming", text, Poco::Message::PRIO_WARNING);
        message.setTime(Poco::Timestamp(1'700'000'000'123'000));
        return message;
    }

    static std::string line(const Poco::Message& message) {
        std::string line;
        Poco::AutoPtr<TextLineFormatter>(new TextLineFormatter)->format(message, line);
        return line;
    }

    static boost::json::object json(const Poco::Message& message) {
        std::string line;
        Poco::AutoPtr<JsonLineFormatter>(new JsonLineFormatter)->format(message, line);
        CPPUNIT_ASSERT(line.find('\n') == std::string::npos);
        return boost::json::parse(line).as_object();
    }

public:
    void tellsTimeLevelSourceAndMessage() {
        CPPUNIT_ASSERT_EQUAL(std::string("2023-11-14T22:13:20.123Z warning plugin.streaming disk is slow"),
                             line(message("disk is slow")));
    }

    void carriesTheRequestOfTheThread() {
        const RequestScope scope("r-17");
        CPPUNIT_ASSERT(line(message("x")).ends_with("plugin.streaming [r-17] x"));
        CPPUNIT_ASSERT(json(message("x")).at("requestId").as_string() == "r-17");
    }

    void prefersTheRequestOfTheMessage() {
        const RequestScope scope("r-17");
        auto named = message("x");
        named.set("request", "r-16");
        CPPUNIT_ASSERT(line(named).find("[r-16]") != std::string::npos);
    }

    void aMessageStaysOneLineAndControlsNoTerminal() {
        CPPUNIT_ASSERT(line(message("a\nb\r\tc\x1b[31m\x7f\xc2\x9b")).ends_with("a\\nb\\x0d\\tc\\x1b[31m\\x7f\\x9b"));
        CPPUNIT_ASSERT(line(message("gr\xc3\xbc\xc3\x9f")).ends_with("gr\xc3\xbc\xc3\x9f"));
    }

    void writesJsonThatParses() {
        const auto object = json(message("\"quoted\"\n{\"level\":\"error\"}"));
        CPPUNIT_ASSERT(object.at("message").as_string() == "\"quoted\"\n{\"level\":\"error\"}");
        CPPUNIT_ASSERT(object.at("level").as_string() == "warning");
        CPPUNIT_ASSERT(object.at("time").as_string() == "2023-11-14T22:13:20.123Z");
        CPPUNIT_ASSERT(!object.contains("requestId"));
    }

    void replacesWhatIsNotUtf8() { CPPUNIT_ASSERT(json(message("\xff")).at("message").as_string() == "\xef\xbf\xbd"); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogLineTest);
