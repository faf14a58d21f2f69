#include "control/ControlCommand.h"

#include "../configuration/TemporaryDirectory.h"
#include "FakeAdministration.h"
#include "control/AdminRoutes.h"
#include "control/AdminServer.h"
#include "control/KeptLogs.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <sstream>

using namespace playhouse::host;

/// The commands of playhousectl that go on until they are ended, and the logs.
class ControlWatchTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ControlWatchTest);
    CPPUNIT_TEST(appendsWhereThereIsNoTerminal);
    CPPUNIT_TEST(drawsAnewOnATerminal);
    CPPUNIT_TEST(jsonIsADocumentALine);
    CPPUNIT_TEST(waitsAsLongAsAsked);
    CPPUNIT_TEST(aServerThatComesBackIsWatchedOn);
    CPPUNIT_TEST(aServerThatWasNeverThereIsNotWatched);
    CPPUNIT_TEST(showsTheNewestLogLines);
    CPPUNIT_TEST(filtersLogLines);
    CPPUNIT_TEST(followsTheLog);
    CPPUNIT_TEST(followsTheLogAsJson);
    CPPUNIT_TEST(logLinesControlNoTerminal);
    CPPUNIT_TEST(tellsLinesThatWereMissed);
    CPPUNIT_TEST(refusesNumbersAndLevelsThatAreNone);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;
    FakeAdministration administration_;
    KeptLogs logs_{5};
    std::unique_ptr<AdminServer> server_;
    bool isTerminal_ = false;
    std::string out_;
    std::string err_;

    std::filesystem::path socket() const { return directory_.path() / "control.sock"; }
    void start() {
        server_ =
            std::make_unique<AdminServer>(AdminListeners{.socket = socket()}, adminRoutes(administration_, logs_));
    }

    /// Runs a command, `betweenLooks` being called before each further look until
    /// it is false.
    ControlExit run(
        std::vector<std::string> words,
        std::function<bool(std::chrono::milliseconds)> betweenLooks = [](auto) { return false; }) {
        words.insert(words.begin(), {"--socket", socket().string()});
        std::ostringstream out;
        std::ostringstream err;
        const auto code = runControlCommand(
            words, {.out = out, .err = err, .isTerminal = isTerminal_, .pause = std::move(betweenLooks)});
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (auto place = text.find(part); place != std::string::npos; place = text.find(part, place + 1)) ++found;
        return found;
    }

    void log(const std::string& message, const std::string& source = "host", LogLevel level = LogLevel::Info) {
        logs_.add({.level = level, .source = source, .requestId = "r-1", .message = message});
    }

    static auto times(int more) {
        return [left = more](auto) mutable { return left-- > 0; };
    }

public:
    void setUp() override { start(); }
    void tearDown() override {
        logs_.endWaiting();
        server_.reset();
    }

    void appendsWhereThereIsNoTerminal() {
        CPPUNIT_ASSERT(run({"plugins", "--watch"}, times(2)) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, count(out_, "streaming  1.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count(out_, "\x1b"));
        CPPUNIT_ASSERT(out_.starts_with(socket().string() + " at 20"));
    }

    void drawsAnewOnATerminal() {
        isTerminal_ = true;
        run({"status", "--watch", "1"}, times(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, count(out_, "\x1b[H\x1b[2J"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, count(out_, "version       9.9.9"));
    }

    void jsonIsADocumentALine() {
        isTerminal_ = true;
        run({"status", "--watch", "--json"}, times(1));
        std::istringstream lines(out_);
        int documents = 0;
        for (std::string line; std::getline(lines, line); ++documents)
            CPPUNIT_ASSERT(boost::json::parse(line).at("success").as_bool());
        CPPUNIT_ASSERT_EQUAL(2, documents);
    }

    void waitsAsLongAsAsked() {
        std::chrono::milliseconds waited{};
        const auto note = [&](std::chrono::milliseconds time) {
            waited = time;
            return false;
        };
        run({"status", "--watch"}, note);
        CPPUNIT_ASSERT_EQUAL(2000L, static_cast<long>(waited.count()));
        run({"status", "--watch=0.5"}, note);
        CPPUNIT_ASSERT_EQUAL(500L, static_cast<long>(waited.count()));
    }

    void aServerThatComesBackIsWatchedOn() {
        int look = 0;
        CPPUNIT_ASSERT(run({"plugins", "--watch"}, [&](auto) {
                           if (look == 0) server_.reset();
                           if (look == 1) start();
                           return ++look < 3;
                       }) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, count(out_, "streaming  1.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "No server answers at"));
    }

    void aServerThatWasNeverThereIsNotWatched() {
        server_.reset();
        CPPUNIT_ASSERT(run({"plugins", "--watch"}, times(5)) == ControlExit::Unreachable);
        CPPUNIT_ASSERT(run({"logs", "--follow"}, times(5)) == ControlExit::Unreachable);
    }

    void showsTheNewestLogLines() {
        for (const auto* message : {"one", "two", "three"}) log(message);
        CPPUNIT_ASSERT(run({"logs", "--lines", "2"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, count(out_, "one"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, " info    host [r-1] two\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, " info    host [r-1] three\n"));
        run({"logs", "--json"});
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, boost::json::parse(out_).at("data").at("records").as_array().size());
    }

    void filtersLogLines() {
        log("calm", "plugin.chat");
        log("alarm", "plugin.chat", LogLevel::Error);
        log("elsewhere", "plugin.other", LogLevel::Error);
        run({"logs", "--plugin", "chat", "--level=warning"});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "alarm"));
        run({"logs", "--request", "r-2&limit=1"});
        CPPUNIT_ASSERT_EQUAL(std::string(), out_);
    }

    void followsTheLog() {
        log("before");
        int look = 0;
        const auto code = run({"logs", "--follow", "--plugin", "chat"}, [&](auto) {
            log("line " + std::to_string(++look), "plugin.chat");
            log("of another", "plugin.other");
            return look < 3;
        });
        CPPUNIT_ASSERT(code == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, count(out_, "\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "line 1\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "line 2\n"));
    }

    void followsTheLogAsJson() {
        log("before");
        log("between");
        int look = 0;
        run({"logs", "--follow", "--json", "--lines", "1"}, [&](auto) {
            log("after");
            return ++look < 2;
        });
        std::istringstream lines(out_);
        std::string messages;
        for (std::string line; std::getline(lines, line);)
            messages += std::string(boost::json::parse(line).at("message").as_string()) + " ";
        CPPUNIT_ASSERT_EQUAL(std::string("between after "), messages);
    }

    void logLinesControlNoTerminal() {
        log("a\nb\x1b[31m");
        run({"logs"});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "a\\nb\\x1b[31m\n"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, count(out_, "\n"));
    }

    void tellsLinesThatWereMissed() {
        log("first");
        int look = 0;
        run({"logs", "--follow"}, [&](auto) {
            for (int line = 0; line < 8; ++line) log("flood");
            return ++look < 2;
        });
        CPPUNIT_ASSERT_EQUAL(std::string("playhousectl: 3 lines came faster than they could be shown\n"), err_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, count(out_, "flood"));
    }

    void refusesNumbersAndLevelsThatAreNone() {
        for (const auto& words : std::vector<std::vector<std::string>>{{"logs", "--lines", "many"},
                                                                       {"logs", "--lines", "-1"},
                                                                       {"logs", "--level", "loud"},
                                                                       {"status", "--watch=0"},
                                                                       {"status", "--follow"}})
            CPPUNIT_ASSERT_MESSAGE(words.back(), run(words) == ControlExit::Usage);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlWatchTest);
