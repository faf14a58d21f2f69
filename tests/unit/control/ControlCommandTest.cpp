#include "control/ControlCommand.h"

#include "../configuration/TemporaryDirectory.h"
#include "CapturedLog.h"
#include "FakeAdministration.h"
#include "control/AdminRoutes.h"
#include "control/AdminServer.h"
#include "control/ControlClient.h"
#include "control/KeptLogs.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <fstream>
#include <memory>
#include <sstream>

using namespace playhouse::host;

/// playhousectl against the admin API, over a real socket.
class ControlCommandTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ControlCommandTest);
    CPPUNIT_TEST(listsThePlugins);
    CPPUNIT_TEST(tellsTheStatus);
    CPPUNIT_TEST(enablesAndDisables);
    CPPUNIT_TEST(swapsToTheConfiguredLibrary);
    CPPUNIT_TEST(swapsToAFileOfTheCallersDirectory);
    CPPUNIT_TEST(anEmptyFileIsNotUnderstood);
    CPPUNIT_TEST(tellsWhatAReloadChanged);
    CPPUNIT_TEST(tellsWhyAReloadWasRefused);
    CPPUNIT_TEST(anUnknownPluginIsRefused);
    CPPUNIT_TEST(aRefusedSwapSaysWhy);
    CPPUNIT_TEST(jsonIsTheAnswerAsItIs);
    CPPUNIT_TEST(namesTheNearestCommand);
    CPPUNIT_TEST(refusesOperandsThatACommandDoesNotTake);
    CPPUNIT_TEST(aServerThatIsNotThereHasItsOwnExitCode);
    CPPUNIT_TEST(tellsHelpAndVersionWithoutAServer);
    CPPUNIT_TEST(everyActionLeavesAnAuditLine);
    CPPUNIT_TEST(anActionThatIsNotUnderstoodIsAuditedToo);
    CPPUNIT_TEST(outputThatCannotBeWrittenIsAFailure);
    CPPUNIT_TEST(anOptionWithoutItsValueIsNotUnderstood);
    CPPUNIT_TEST(aServerThatStopsRefusesWith503);
    CPPUNIT_TEST(theApiAnswersWhatItDoesNotKnow);
    CPPUNIT_TEST(theApiRefusesBodiesItDoesNotUnderstand);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;
    FakeAdministration administration_;
    KeptLogs logs_;
    std::unique_ptr<AdminServer> server_;
    std::string out_;
    std::string err_;
    std::function<bool(std::chrono::milliseconds)> pause_ = [](auto) { return false; };

    std::filesystem::path socket() const { return directory_.path() / "control.sock"; }

    ControlExit run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", socket().string()});
        std::ostringstream out;
        std::ostringstream err;
        const auto code = runControlCommand(arguments, {.out = out, .err = err, .isTerminal = false, .pause = pause_});
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    void assertHolds(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE("\"" + part + "\" not in: " + text, text.find(part) != std::string::npos);
    }

public:
    void setUp() override {
        server_ =
            std::make_unique<AdminServer>(AdminListeners{.socket = socket()}, adminRoutes(administration_, logs_));
    }
    void tearDown() override { server_.reset(); }

    void listsThePlugins() {
        CPPUNIT_ASSERT(run({"plugins"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::string("PLUGIN     VERSION  BEFORE  STATE     GENERATION  SWAPS  REMARK\n"
                                         "streaming  1.0.0    -       serving   3           0\n"
                                         "chat       -        -       disabled  0           0\n"),
                             out_);
        administration_.find("chat").error = "no database";
        run({"plugins"});
        assertHolds(out_, "no database");
    }

    void tellsTheStatus() {
        CPPUNIT_ASSERT(run({"status"}) == ControlExit::Done);
        assertHolds(out_, "version       9.9.9\n");
        assertHolds(out_, "needsRestart  server.port\n");
    }

    void enablesAndDisables() {
        CPPUNIT_ASSERT(run({"enable", "chat"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::string("chat is serving\n"), out_);
        CPPUNIT_ASSERT(run({"disable", "chat"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::string("chat is disabled\n"), out_);
        CPPUNIT_ASSERT((administration_.asked() == std::vector<std::string>{"enable chat", "disable chat"}));
    }

    void swapsToTheConfiguredLibrary() {
        CPPUNIT_ASSERT(run({"swap", "streaming"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::string("swap streaming"), administration_.asked().at(0));
        assertHolds(out_, "streaming: 1.0.0 (generation 3) -> 1.1.0 (generation 4) in 12.5 ms");
        assertHolds(out_, "unloaded");
    }

    void swapsToAFileOfTheCallersDirectory() {
        CPPUNIT_ASSERT(run({"swap", "streaming", "new.so"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL("swap streaming " + (std::filesystem::current_path() / "new.so").string(),
                             administration_.asked().at(0));
    }

    void anEmptyFileIsNotUnderstood() {
        CPPUNIT_ASSERT(run({"swap", "streaming", ""}) == ControlExit::Usage);
        CPPUNIT_ASSERT(administration_.asked().empty());
    }

    void tellsWhatAReloadChanged() {
        CPPUNIT_ASSERT(run({"reload"}) == ControlExit::Done);
        CPPUNIT_ASSERT_EQUAL(std::string("In use now: log.level\nTaken up at the next start: server.port\n"), out_);
    }

    void tellsWhyAReloadWasRefused() {
        administration_.reloadRefusal.emplace("a:1: unknown key \"x\"");
        CPPUNIT_ASSERT(run({"reload"}) == ControlExit::Refused);
        CPPUNIT_ASSERT_EQUAL(std::string("playhousectl: a:1: unknown key \"x\"\n"), err_);
        CPPUNIT_ASSERT(run({"--json", "reload"}) == ControlExit::Refused);
        CPPUNIT_ASSERT(boost::json::parse(out_).at("error").at("code").as_string() == "INVALID_CONFIGURATION");
    }

    void anUnknownPluginIsRefused() {
        CPPUNIT_ASSERT(run({"enable", "xyz"}) == ControlExit::Refused);
        CPPUNIT_ASSERT_EQUAL(std::string("playhousectl: no plugin \"xyz\" is configured\n"), err_);
        CPPUNIT_ASSERT(run({"enable", "../x"}) == ControlExit::Usage);
        CPPUNIT_ASSERT_EQUAL(404, ControlClient({.socket = socket()}).post("/plugins/xyz/enable").status);
    }

    void aRefusedSwapSaysWhy() {
        administration_.refusal.emplace("LIBRARY_REFUSED", "built for another host");
        CPPUNIT_ASSERT(run({"swap", "streaming"}) == ControlExit::Refused);
        CPPUNIT_ASSERT_EQUAL(std::string("playhousectl: built for another host\n"), err_);
        CPPUNIT_ASSERT_EQUAL(409, ControlClient({.socket = socket()}).post("/plugins/streaming/swap").status);
    }

    void jsonIsTheAnswerAsItIs() {
        CPPUNIT_ASSERT(run({"plugins", "--json"}) == ControlExit::Done);
        const auto answer = boost::json::parse(out_);
        CPPUNIT_ASSERT(answer.at("success").as_bool());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, answer.at("data").at("plugins").as_array().size());
    }

    void namesTheNearestCommand() {
        CPPUNIT_ASSERT(run({"plguins"}) == ControlExit::Usage);
        assertHolds(err_, "unknown command \"plguins\"; did you mean \"plugins\"?");
        CPPUNIT_ASSERT(run({"--jason", "plugins"}) == ControlExit::Usage);
        assertHolds(err_, "did you mean \"--json\"?");
        CPPUNIT_ASSERT(run({}) == ControlExit::Usage);
    }

    void refusesOperandsThatACommandDoesNotTake() {
        CPPUNIT_ASSERT(run({"enable"}) == ControlExit::Usage);
        assertHolds(err_, "enable needs ID");
        CPPUNIT_ASSERT(run({"status", "streaming"}) == ControlExit::Usage);
        assertHolds(err_, "status does not take \"streaming\"");
        CPPUNIT_ASSERT(run({"swap", "a", "b", "c"}) == ControlExit::Usage);
    }

    void aServerThatIsNotThereHasItsOwnExitCode() {
        server_.reset();
        CPPUNIT_ASSERT(run({"plugins"}) == ControlExit::Unreachable);
        assertHolds(err_, "No server answers at " + socket().string());
    }

    void tellsHelpAndVersionWithoutAServer() {
        server_.reset();
        CPPUNIT_ASSERT(run({"--help"}) == ControlExit::Done);
        assertHolds(out_, "Usage: playhousectl");
        CPPUNIT_ASSERT(run({"--version"}) == ControlExit::Done);
        assertHolds(out_, "playhousectl ");
    }

    void everyActionLeavesAnAuditLine() {
        const CapturedLog audit("audit");
        run({"enable", "chat"});
        run({"swap", "xyz"});
        run({"plugins"});
        const auto lines = audit.lines();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lines.size());
        assertHolds(lines[0], "uid " + std::to_string(getuid()));
        assertHolds(lines[0], "enable chat: disabled -> serving, done");
        assertHolds(lines[1],
                    "swap xyz: unknown -> unknown, refused: no plugin "
                    "\"xyz\" is configured");
    }

    void anActionThatIsNotUnderstoodIsAuditedToo() {
        const CapturedLog audit("audit");
        ControlClient({.socket = socket()}).post("/plugins/streaming/swap", "{\"library\": \"relative.so\"}");
        assertHolds(audit.lines().at(0),
                    "swap streaming: serving 1.0.0 (generation 3) -> serving 1.0.0 (generation 3)");
        assertHolds(audit.lines().at(0), "refused: \"library\" is relative.so, which is not an absolute path.");
    }

    void outputThatCannotBeWrittenIsAFailure() {
        for (const auto* json : {"--json", "--timeout=5"}) {
            std::ofstream full("/dev/full");
            std::ostringstream err;
            const auto code = runControlCommand({"--socket", socket().string(), "plugins", json},
                                                {.out = full, .err = err, .isTerminal = false, .pause = pause_});
            CPPUNIT_ASSERT(code == ControlExit::Refused);
            CPPUNIT_ASSERT_EQUAL(std::string("playhousectl: the output could not be written\n"), err.str());
        }
    }

    void anOptionWithoutItsValueIsNotUnderstood() {
        for (const auto* option : {"--timeout=", "--socket=", "--server=", "--token-file="}) {
            CPPUNIT_ASSERT_MESSAGE(option, run({"plugins", option}) == ControlExit::Usage);
            assertHolds(err_, "is empty");
        }
        CPPUNIT_ASSERT(run({"logs", "--lines="}) == ControlExit::Usage);
        CPPUNIT_ASSERT(run({"logs", "--lines"}) == ControlExit::Usage);
        assertHolds(err_, "--lines needs its N");
    }

    void aServerThatStopsRefusesWith503() {
        administration_.refusal.emplace("STOPPED", "the server is shutting down");
        CPPUNIT_ASSERT_EQUAL(503, ControlClient({.socket = socket()}).post("/plugins/streaming/swap").status);
        CPPUNIT_ASSERT(run({"swap", "streaming"}) == ControlExit::Refused);
        CPPUNIT_ASSERT_EQUAL(std::string("playhousectl: the server is shutting down\n"), err_);
    }

    void theApiAnswersWhatItDoesNotKnow() {
        const ControlClient client({.socket = socket()});
        CPPUNIT_ASSERT_EQUAL(404, client.get("/none").status);
        const auto wrongMethod = client.post("/plugins");
        CPPUNIT_ASSERT_EQUAL(405, wrongMethod.status);
        CPPUNIT_ASSERT(wrongMethod.json.at("error").at("code").as_string() == "METHOD_NOT_ALLOWED");
        CPPUNIT_ASSERT_EQUAL(std::string("figures 1\n"), client.get("/metrics").text);
    }

    void theApiRefusesBodiesItDoesNotUnderstand() {
        const ControlClient client({.socket = socket()});
        for (const auto* body : {"{", "[]", "{\"library\": 1}", "{\"library\": \"relative.so\"}",
                                 "{\"file\": \"/a.so\"}", "{\"library\": \"/a\\u0000b.so\"}"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, 400, client.post("/plugins/streaming/swap", body).status);
        CPPUNIT_ASSERT_EQUAL(413, client.post("/plugins/streaming/swap", std::string(70'000, ' ')).status);
        CPPUNIT_ASSERT(administration_.asked().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlCommandTest);
