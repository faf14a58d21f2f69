#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <sys/stat.h>

#include <csignal>
#include <sstream>
#include <thread>

namespace {

const std::string bin = PLAYHOUSE_BIN_DIRECTORY;

std::string greeterOf(const std::string& library) {
    return "plugin.greeter.library = " + library + "\nplugin.greeter.enabled = true\n";
}

/// A port that nobody listens on at this moment.
std::string freePort() {
    ServerProcess probe("control.enabled = false\n");
    probe.start();
    return std::to_string(probe.port());
}

}  // namespace

/// Steering a running server: over TCP, by a shell that completes, and with a record of everything.
class ControlTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ControlTest);
    CPPUNIT_TEST(isSteeredOverTcpByWhoHasTheToken);
    CPPUNIT_TEST(tellsNobodyTheToken);
    CPPUNIT_TEST(aReloadTakesUpANewToken);
    CPPUNIT_TEST(aPortThatClosesAtTheNextStartKeepsItsToken);
    CPPUNIT_TEST(goesBackToTheVersionBefore);
    CPPUNIT_TEST(showsTheLogOfARequest);
    CPPUNIT_TEST(everyActionIsAudited);
    CPPUNIT_TEST(aWatchedLibraryIsAudited);
    CPPUNIT_TEST(aSwapBackIsAudited);
    CPPUNIT_TEST(anInterruptedWatchEndsWell);
    CPPUNIT_TEST(bashCompletesPluginsOfTheRunningServer);
    CPPUNIT_TEST(anAnswerThatDoesNotComeHasItsOwnExitCode);
    CPPUNIT_TEST(aPipeIsNoConfiguration);
    CPPUNIT_TEST(optionsThatAreGoneAreRefused);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* token = "0123456789abcdef0123";

    static std::vector<std::string> over(const std::string& port, std::vector<std::string> words) {
        words.insert(words.begin(), {"--server", "http://127.0.0.1:" + port});
        return words;
    }

    static std::vector<boost::json::object> auditLines(const std::string& log) {
        std::vector<boost::json::object> lines;
        std::istringstream stream(log);
        for (std::string line; std::getline(stream, line);) {
            const auto parsed = boost::json::parse(line).as_object();
            if (parsed.at("source").as_string() == "audit") lines.push_back(parsed);
        }
        return lines;
    }

public:
    void isSteeredOverTcpByWhoHasTheToken() {
        const TemporaryDirectory directory;
        const auto file = directory.write("token", std::string(token) + "\n");
        const auto port = freePort();
        ServerProcess server(greeterOf(fixtures + "/greeter-1.so") + "control.port = " + port +
                             "\ncontrol.token = " + token + "\n");
        server.start();
        const auto right = runProgram("playhousectl", over(port, {"--token-file", file.string(), "swap", "greeter"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(right.errors, 0, right.exitCode);
        const auto byEnvironment =
            runProgram("playhousectl", {"plugins"},
                       {{"PLAYHOUSE_SERVER", "http://127.0.0.1:" + port}, {"PLAYHOUSE_TOKEN", token}});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(byEnvironment.errors, 0, byEnvironment.exitCode);
        const auto wrong =
            runProgram("playhousectl", over(port, {"disable", "greeter"}), {{"PLAYHOUSE_TOKEN", "wrong"}});
        CPPUNIT_ASSERT_EQUAL(1, wrong.exitCode);
        assertHolds(wrong.errors, "--token-file");
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
        server.waitForLog(
            "127.0.0.1: swap greeter: serving 1.0.0 (generation 1) -> serving 1.0.0 (generation 2), done");
        server.waitForLog("127.0.0.1: call POST /plugins/greeter/disable: refused: no token, or a wrong one");
    }

    void tellsNobodyTheToken() {
        const auto port = freePort();
        ServerProcess server("log.level = debug\nlog.access = true\ncontrol.port = " + port +
                             "\ncontrol.token = " + token + "\n");
        server.start();
        const auto check = runProgram("playhouse", {"--check-config", "--config", server.configurationFile().string()});
        CPPUNIT_ASSERT_EQUAL(std::string::npos, check.output.find(token));
        assertHolds(check.output, "********");
        for (const auto* command : {"status", "logs", "plugins"}) {
            const auto shown =
                runProgram("playhousectl", over(port, {"--json", command}), {{"PLAYHOUSE_TOKEN", token}});
            CPPUNIT_ASSERT_EQUAL(0, shown.exitCode);
            CPPUNIT_ASSERT_EQUAL(std::string::npos, shown.output.find(token));
        }
        CPPUNIT_ASSERT_EQUAL(std::string::npos, server.log().find(token));
    }

    void aReloadTakesUpANewToken() {
        const auto port = freePort();
        const auto listening = "control.port = " + port + "\n";
        ServerProcess server(listening + "control.token = " + token + "\n");
        server.start();
        server.configure(listening + "control.token = another-token-altogether\n");
        server.waitForLog("in use now: control.token");
        CPPUNIT_ASSERT_EQUAL(1,
                             runProgram("playhousectl", over(port, {"status"}), {{"PLAYHOUSE_TOKEN", token}}).exitCode);
        CPPUNIT_ASSERT_EQUAL(
            0, runProgram("playhousectl", over(port, {"status"}), {{"PLAYHOUSE_TOKEN", "another-token-altogether"}})
                   .exitCode);
    }

    void aPortThatClosesAtTheNextStartKeepsItsToken() {
        const auto port = freePort();
        ServerProcess server("control.port = " + port + "\ncontrol.token = " + token + "\n");
        server.start();
        server.configure("control.token = short\nlog.access = true\n");
        server.waitForLog("in use now: control.token, log.access");
        CPPUNIT_ASSERT_EQUAL(
            1, runProgram("playhousectl", over(port, {"status"}), {{"PLAYHOUSE_TOKEN", "short"}}).exitCode);
        CPPUNIT_ASSERT_EQUAL(0,
                             runProgram("playhousectl", over(port, {"status"}), {{"PLAYHOUSE_TOKEN", token}}).exitCode);
    }

    void goesBackToTheVersionBefore() {
        ServerProcess server(greeterOf(fixtures + "/greeter-1.so"));
        server.start();
        const auto refused = runProgram("playhousectl", server.control({"rollback", "greeter"}));
        CPPUNIT_ASSERT_EQUAL(1, refused.exitCode);
        runProgram("playhousectl", server.control({"swap", "greeter", fixtures + "/greeter-2.so"}));
        assertHolds(runProgram("playhousectl", server.control({"plugins"})).output, "2.0.0    1.0.0");
        const auto back = runProgram("playhousectl", server.control({"rollback", "greeter"}));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(back.errors, 0, back.exitCode);
        assertHolds(back.output, "2.0.0 (generation 2) -> 1.0.0");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), server.get("/greeter").body);
    }

    void showsTheLogOfARequest() {
        ServerProcess server("log.access = true\n" + greeterOf(fixtures + "/greeter-1.so"));
        server.start();
        const auto id = server.get("/greeter").headers.at("X-Request-Id");
        const auto logs = runProgram("playhousectl", server.control({"logs", "--request", id}));
        CPPUNIT_ASSERT_EQUAL(0, logs.exitCode);
        assertHolds(logs.output, "[" + id + "]");
    }

    void everyActionIsAudited() {
        ServerProcess server("log.format = json\n" + greeterOf(fixtures + "/greeter-1.so"));
        server.start();
        for (const auto& words : std::vector<std::vector<std::string>>{{"swap", "greeter", fixtures + "/greeter-2.so"},
                                                                       {"rollback", "greeter"},
                                                                       {"disable", "greeter"},
                                                                       {"enable", "greeter"},
                                                                       {"reload"},
                                                                       {"enable", "nobody"}})
            runProgram("playhousectl", server.control(words));
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
        server.waitForLog("every request was answered");
        std::string told;
        for (const auto& line : auditLines(server.log())) {
            CPPUNIT_ASSERT(line.at("who").as_string().find("uid ") != std::string::npos);
            told +=
                std::string(line.at("action").as_string()) + " " + std::string(line.at("outcome").as_string()) + ", ";
            if (line.at("action").as_string() != "rollback") continue;
            CPPUNIT_ASSERT(line.at("from").at("version").as_string() == "2.0.0");
            CPPUNIT_ASSERT(line.at("to").at("version").as_string() == "1.0.0");
            CPPUNIT_ASSERT(line.at("milliseconds").to_number<double>() > 0);
        }
        CPPUNIT_ASSERT_EQUAL(
            std::string("start done, swap done, rollback done, disable done, enable done, reload done, "
                        "enable refused, stop done, "),
            told);
    }

    void aWatchedLibraryIsAudited() {
        const TemporaryDirectory directory;
        const auto library = directory.path() / "greeter.so";
        std::filesystem::copy_file(fixtures + "/greeter-1.so", library);
        ServerProcess server(greeterOf(library.string()) + "plugin.greeter.watch = true\n");
        server.start();
        std::filesystem::copy_file(fixtures + "/greeter-2.so", directory.path() / "next.so");
        std::filesystem::rename(directory.path() / "next.so", library);
        server.waitForLog("library watch: swap greeter because " + library.string() +
                          " was rebuilt: serving 1.0.0 (generation 1) -> serving 2.0.0 (generation 2), done in ");
    }

    void aSwapBackIsAudited() {
        const auto fickle = [](const std::string& version) {
            return "plugin.fickle.library = " + fixtures + "/fickle-" + version + ".so\nplugin.fickle.enabled = true\n";
        };
        ServerProcess server(fickle("1"));
        server.start();
        server.configure(fickle("2") + "plugin.fickle.fail-every = 1\n");
        server.waitForLog("in use now: plugin.fickle.fail-every");
        while (server.get("/fickle").status != 200) std::this_thread::yield();
        server.waitForLog("probation: rollback fickle because ");
        server.waitForLog("serving 2.0.0 (generation 2) -> serving 1.0.0 (generation 3), done in ");
        const auto shown = runProgram("playhousectl", server.control({"plugins"}));
        assertHolds(shown.output, "went back from 2.0.0 to 1.0.0 by itself");
    }

    void anInterruptedWatchEndsWell() {
        ServerProcess server(greeterOf(fixtures + "/greeter-1.so"));
        server.start();
        for (const auto& words :
             std::vector<std::vector<std::string>>{{"plugins", "--watch=0.1"}, {"logs", "--follow"}}) {
            Poco::Pipe output;
            const auto watching =
                Poco::Process::launch(bin + "/playhousectl", server.control(words), "/", nullptr, &output, nullptr);
            char first = 0;
            CPPUNIT_ASSERT_EQUAL(1, output.readBytes(&first, 1));
            ::kill(watching.id(), SIGINT);
            CPPUNIT_ASSERT_EQUAL(0, watching.wait());
        }
    }

    void bashCompletesPluginsOfTheRunningServer() {
        ServerProcess server(greeterOf(fixtures + "/greeter-1.so"));
        server.start();
        const auto complete = [&](const std::string& words, int index) {
            Poco::Pipe output;
            const auto bash = Poco::Process::launch(
                "bash",
                {"--norc", "-c",
                 "source <(" + bin + "/playhousectl completion bash); COMP_WORDS=(" + bin + "/playhousectl --socket " +
                     server.socket().string() + " " + words + "); COMP_CWORD=" + std::to_string(index) +
                     "; _playhousectl; printf '%s|' \"${COMPREPLY[@]}\""},
                "/", nullptr, &output, nullptr);
            std::string text;
            char piece = 0;
            while (output.readBytes(&piece, 1) == 1) text += piece;
            CPPUNIT_ASSERT_EQUAL(0, bash.wait());
            return text;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("greeter|"), complete("swap gr", 4));
        CPPUNIT_ASSERT_EQUAL(std::string("rollback|"), complete("ro", 3));
        CPPUNIT_ASSERT_EQUAL(std::string("greeter|"), complete("logs --plugin ''", 5));
    }

    void anAnswerThatDoesNotComeHasItsOwnExitCode() {
        const TemporaryDirectory directory;
        ServerProcess server("plugin.waiting.library = " + fixtures + "/waiting-1.so\nplugin.waiting.enabled = true\n" +
                             "plugin.waiting.start-file = " + (directory.path() / "go").string() + "\n");
        directory.write("go", "");
        server.start();
        std::filesystem::remove(directory.path() / "go");
        const auto late = runProgram("playhousectl", server.control({"--timeout", "0.2", "swap", "waiting"}));
        CPPUNIT_ASSERT_EQUAL(4, late.exitCode);
        assertHolds(late.errors, "may still be going on");
        directory.write("go", "");
    }

    void aPipeIsNoConfiguration() {
        const TemporaryDirectory directory;
        const auto pipe = directory.path() / "pipe";
        CPPUNIT_ASSERT_EQUAL(0, mkfifo(pipe.c_str(), 0600));
        const auto refused = runProgram("playhouse", {"--config", pipe.string()});
        CPPUNIT_ASSERT_EQUAL(78, refused.exitCode);
        assertHolds(refused.errors, "give a regular file");
    }

    void optionsThatAreGoneAreRefused() {
        for (const auto* option : {"--daemon", "--pidfile=/tmp/x", "--umask=022"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(option, 64, runProgram("playhouse", {option}).exitCode);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlTest);
