#include "control/KeptLogs.h"

#include "CapturedLog.h"
#include "control/Logging.h"

#include <Poco/Logger.h>

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <thread>

using namespace playhouse::host;

class KeptLogsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(KeptLogsTest);
    CPPUNIT_TEST(givesTheNewestLinesInTheirOrder);
    CPPUNIT_TEST(goesOnBehindTheLastLineThatWasGiven);
    CPPUNIT_TEST(aFullPageLosesNothing);
    CPPUNIT_TEST(keepsNoMoreLinesThanAskedFor);
    CPPUNIT_TEST(keepsNoMoreThanItsBytes);
    CPPUNIT_TEST(cutsAVeryLongMessage);
    CPPUNIT_TEST(tellsHowManyLinesWereMissed);
    CPPUNIT_TEST(aServerThatStartedAnewIsReadFromItsBeginning);
    CPPUNIT_TEST(filtersByLevelPluginAndRequest);
    CPPUNIT_TEST(aReaderThatWaitsGetsTheNextLine);
    CPPUNIT_TEST(aReaderThatWaitsIsNotWokenByOtherLines);
    CPPUNIT_TEST(theEndOfTheServerEndsWaiting);
    CPPUNIT_TEST(onlySomeMayWait);
    CPPUNIT_TEST_SUITE_END();

    static LogRecord record(const std::string& message, const std::string& source = "host",
                            LogLevel level = LogLevel::Info, const std::string& request = {}) {
        return {.level = level, .source = source, .requestId = request, .message = message};
    }

    static std::string messages(const LogPage& page) {
        std::string text;
        for (const auto& each : page.records) text += each.message;
        return text;
    }

    static void add(KeptLogs& logs, const std::string& letters) {
        for (const auto letter : letters) logs.add(record(std::string(1, letter)));
    }

public:
    void givesTheNewestLinesInTheirOrder() {
        KeptLogs logs;
        add(logs, "abcd");
        const auto page = logs.read({.limit = 2});
        CPPUNIT_ASSERT_EQUAL(std::string("cd"), messages(page));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, page.next);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, page.records[0].sequence);
    }

    void goesOnBehindTheLastLineThatWasGiven() {
        KeptLogs logs;
        add(logs, "ab");
        const auto first = logs.read({});
        add(logs, "cd");
        const auto second = logs.read({.after = first.next});
        CPPUNIT_ASSERT_EQUAL(std::string("cd"), messages(second));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, second.missed);
        CPPUNIT_ASSERT_EQUAL(std::string(), messages(logs.read({.after = second.next})));
    }

    void aFullPageLosesNothing() {
        KeptLogs logs;
        add(logs, "abcdef");
        auto page = logs.read({.after = 1, .limit = 2});
        CPPUNIT_ASSERT_EQUAL(std::string("bc"), messages(page));
        page = logs.read({.after = page.next, .limit = 2});
        CPPUNIT_ASSERT_EQUAL(std::string("de"), messages(page));
        page = logs.read({.after = page.next, .limit = 2});
        CPPUNIT_ASSERT_EQUAL(std::string("f"), messages(page));
    }

    void keepsNoMoreLinesThanAskedFor() {
        KeptLogs logs(3);
        add(logs, "abcde");
        CPPUNIT_ASSERT_EQUAL(std::string("cde"), messages(logs.read({})));
        logs.resize(1);
        CPPUNIT_ASSERT_EQUAL(std::string("e"), messages(logs.read({})));
        logs.resize(0);
        add(logs, "f");
        CPPUNIT_ASSERT_EQUAL(std::string(), messages(logs.read({})));
    }

    void keepsNoMoreThanItsBytes() {
        KeptLogs logs(1'000'000);
        for (int line = 0; line < 1000; ++line) logs.add(record(std::string(KeptLogs::mostMessageBytes, 'x')));
        const auto kept = logs.read({.limit = 1000}).records.size();
        CPPUNIT_ASSERT(kept > 400);
        CPPUNIT_ASSERT(kept * KeptLogs::mostMessageBytes <= KeptLogs::mostBytes);
    }

    void cutsAVeryLongMessage() {
        KeptLogs logs;
        logs.add(record(std::string(100'000, 'x')));
        const auto message = messages(logs.read({}));
        CPPUNIT_ASSERT(message.ends_with("(and 83616 bytes more)"));
        CPPUNIT_ASSERT(message.size() < 17'000);
    }

    void tellsHowManyLinesWereMissed() {
        KeptLogs logs(2);
        add(logs, "abcde");
        const auto page = logs.read({.after = 1});
        CPPUNIT_ASSERT_EQUAL(std::string("de"), messages(page));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, page.missed);
    }

    void aServerThatStartedAnewIsReadFromItsBeginning() {
        KeptLogs logs;
        add(logs, "ab");
        const auto page = logs.read({.after = 17});
        CPPUNIT_ASSERT_EQUAL(std::string("ab"), messages(page));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, page.next);
    }

    void filtersByLevelPluginAndRequest() {
        KeptLogs logs;
        logs.add(record("a", "plugin.chat", LogLevel::Debug, "r-1"));
        logs.add(record("b", "plugin.chatter", LogLevel::Error, "r-2"));
        logs.add(record("plugin \"chat\": c", "plugins", LogLevel::Warning, "r-1"));
        auto audit = record("d", "audit");
        audit.fields["plugin"] = "chat";
        logs.add(audit);
        CPPUNIT_ASSERT_EQUAL(std::string("aplugin \"chat\": cd"), messages(logs.read({.pluginId = "chat"})));
        CPPUNIT_ASSERT_EQUAL(std::string("bplugin \"chat\": c"),
                             messages(logs.read({.leastImportant = LogLevel::Warning})));
        CPPUNIT_ASSERT_EQUAL(std::string("b"), messages(logs.read({.requestId = "r-2"})));
    }

    void aReaderThatWaitsGetsTheNextLine() {
        KeptLogs logs;
        add(logs, "a");
        auto waiting = std::async(std::launch::async, [&] { return logs.read({.after = 1}, std::chrono::minutes(5)); });
        add(logs, "b");
        CPPUNIT_ASSERT_EQUAL(std::string("b"), messages(waiting.get()));
    }

    void aReaderThatWaitsIsNotWokenByOtherLines() {
        KeptLogs logs;
        add(logs, "a");
        auto waiting = std::async(std::launch::async,
                                  [&] { return logs.read({.after = 1, .pluginId = "chat"}, std::chrono::minutes(5)); });
        add(logs, "b");
        logs.add(record("c", "plugin.chat"));
        CPPUNIT_ASSERT_EQUAL(std::string("c"), messages(waiting.get()));
    }

    void theEndOfTheServerEndsWaiting() {
        KeptLogs logs;
        add(logs, "a");
        auto waiting = std::async(std::launch::async, [&] { return logs.read({.after = 1}, std::chrono::minutes(5)); });
        logs.endWaiting();
        CPPUNIT_ASSERT_EQUAL(std::string(), messages(waiting.get()));
        CPPUNIT_ASSERT_EQUAL(std::string(), messages(logs.read({.after = 1}, std::chrono::minutes(5))));
    }

    void onlySomeMayWait() {
        KeptLogs logs;
        add(logs, "a");
        // More than may wait, so that at least one comes back before any line does.
        std::vector<std::future<LogPage>> waiting;
        for (int reader = 0; reader <= KeptLogs::mostWaiting; ++reader)
            waiting.push_back(
                std::async(std::launch::async, [&] { return logs.read({.after = 1}, std::chrono::minutes(5)); }));
        const auto isBack = [](std::future<LogPage>& each) {
            return each.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        };
        while (std::none_of(waiting.begin(), waiting.end(), isBack)) std::this_thread::yield();
        CPPUNIT_ASSERT_EQUAL(1, static_cast<int>(std::count_if(waiting.begin(), waiting.end(), isBack)));
        logs.endWaiting();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KeptLogsTest);

/// What playhouse writes, and what it keeps of it.
class KeptLoggingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(KeptLoggingTest);
    CPPUNIT_TEST(keepsWhatIsWritten);
    CPPUNIT_TEST_SUITE_END();

public:
    void tearDown() override { configureLogging({.level = "error"}); }

    void keepsWhatIsWritten() {
        const auto kept = std::make_shared<KeptLogs>();
        configureLogging({.level = "error", .format = LogFormat::Json, .keptLines = 2}, kept);
        auto& logger = Poco::Logger::get("kept-logging-test");
        logger.information("not important enough");
        const RequestScope scope("r-9");
        logger.error("one of the lines that this test writes");
        const auto page = kept->read({});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, page.records.size());
        CPPUNIT_ASSERT_EQUAL(std::string("kept-logging-test"), page.records[0].source);
        CPPUNIT_ASSERT_EQUAL(std::string("r-9"), page.records[0].requestId);
        CPPUNIT_ASSERT(page.records[0].level == LogLevel::Error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KeptLoggingTest);
