#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/object.hpp>

#include <Poco/Exception.h>

#include <csignal>
#include <future>
#include <thread>

namespace {

std::string greeter(const std::string& version, const std::string& more = "plugin.greeter.enabled = true\n") {
    return "plugin.greeter.library = " + fixtures + "/greeter-" + version + ".so\n" + more;
}

}  // namespace

/// The program as its operator meets it.
class ServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ServerTest);
    CPPUNIT_TEST(servesItsOwnRoutesAndThoseOfPlugins);
    CPPUNIT_TEST(isNotReadyWhenAPluginFailed);
    CPPUNIT_TEST(keepsFiguresToTheControlSocketWhenAsked);
    CPPUNIT_TEST(terminationEndsItWithSuccess);
    CPPUNIT_TEST(terminationAnswersRunningRequestsFirst);
    CPPUNIT_TEST(aSecondSignalEndsItAtOnce);
    CPPUNIT_TEST(aSecondServerOnItsSocketIsRefused);
    CPPUNIT_TEST(aSecondServerOnItsPortIsRefused);
    CPPUNIT_TEST(anUnknownKeyStopsTheStart);
    CPPUNIT_TEST(anUnknownSettingOfAPluginStopsTheStart);
    CPPUNIT_TEST(anUnknownOptionNamesTheNearest);
    CPPUNIT_TEST(aCheckHidesSecretsAndTellsOrigins);
    CPPUNIT_TEST(aCheckFindsPluginsThatCannotStart);
    CPPUNIT_TEST_SUITE_END();

    static std::string waiting(const std::filesystem::path& handlerFile) {
        return "plugin.waiting.library = " + fixtures + "/waiting-1.so\nplugin.waiting.enabled = true\n" +
               "plugin.waiting.handler-file = " + handlerFile.string() + "\nlog.access = true\n";
    }

    /// A request sent after another, on a connection of its own, and seen by the server's figures together with it.
    static void waitUntilHandled(ServerProcess& server) {
        while (server.get("/metrics").body.find("playhouse_http_connections 2") == std::string::npos)
            std::this_thread::yield();
    }

public:
    void servesItsOwnRoutesAndThoseOfPlugins() {
        ServerProcess server(greeter("1"));
        server.start();
        CPPUNIT_ASSERT_EQUAL(200, server.get("/healthz").status);
        const auto ready = server.get("/readyz");
        CPPUNIT_ASSERT_EQUAL(200, ready.status);
        CPPUNIT_ASSERT(ready.json().at("data").at("plugins").at(0).at("state").as_string() == "serving");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), server.get("/greeter").body);
        const auto metrics = server.get("/metrics");
        CPPUNIT_ASSERT_EQUAL(std::string("text/plain; version=0.0.4; charset=utf-8"),
                             metrics.headers.at("Content-Type"));
        for (const auto* figure : {"playhouse_build_info{", "process_resident_memory_bytes ", "route=\"/greeter\"",
                                   "fixture_greeter_starts_total{plugin=\"greeter\"} 1"})
            assertHolds(metrics.body, figure);
        CPPUNIT_ASSERT_EQUAL(404, server.get("/none").status);
    }

    void isNotReadyWhenAPluginFailed() {
        ServerProcess server(greeter("1") + "plugin.throwing-start.library = " + fixtures +
                             "/throwing-start.so\nplugin.throwing-start.enabled = true\n");
        server.start();
        const auto answer = server.get("/readyz");
        CPPUNIT_ASSERT_EQUAL(503, answer.status);
        const auto error = answer.json().at("error").as_object();
        CPPUNIT_ASSERT(error.at("code").as_string() == "NOT_READY");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, error.at("details").at("plugins").as_array().size());
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
        server.signal(SIGTERM);
        server.waitForLog("every request was answered");
        const auto log = server.log();
        const auto told = log.find("plugin \"throwing-start\"");
        CPPUNIT_ASSERT(told != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string::npos, log.find("plugin \"throwing-start\"", told + 1));
    }

    void keepsFiguresToTheControlSocketWhenAsked() {
        ServerProcess server("metrics.public = false\n");
        server.start();
        CPPUNIT_ASSERT_EQUAL(404, server.get("/metrics").status);
    }

    void terminationEndsItWithSuccess() {
        for (const int number : {SIGTERM, SIGINT}) {
            ServerProcess server(greeter("1"));
            server.start();
            server.signal(number);
            CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
            server.waitForLog("every request was answered");
            CPPUNIT_ASSERT(!std::filesystem::exists(server.socket()));
        }
    }

    void terminationAnswersRunningRequestsFirst() {
        const TemporaryDirectory directory;
        ServerProcess server(waiting(directory.path() / "go"));
        server.start();
        auto answer = std::async(std::launch::async, [&] { return server.get("/waiting/handler"); });
        waitUntilHandled(server);
        server.signal(SIGTERM);
        server.waitForLog("Stopping");
        directory.write("go", "");
        CPPUNIT_ASSERT_EQUAL(200, answer.get().status);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
        server.waitForLog("every request was answered");
    }

    void aSecondSignalEndsItAtOnce() {
        const TemporaryDirectory directory;
        ServerProcess server(waiting(directory.path() / "never"));
        server.start();
        auto answer = std::async(std::launch::async, [&] {
            try {
                server.get("/waiting/handler");
            } catch (const Poco::Exception&) {
                return true;
            }
            return false;
        });
        waitUntilHandled(server);
        server.signal(SIGTERM);
        server.waitForLog("Stopping");
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(128 + SIGTERM, server.waitForEnd());
        CPPUNIT_ASSERT(answer.get());
    }

    void aSecondServerOnItsSocketIsRefused() {
        ServerProcess server("");
        server.start();
        const auto second = runProgram("playhouse", {"--config", server.configurationFile().string()});
        CPPUNIT_ASSERT_EQUAL(69, second.exitCode);
        assertHolds(second.errors, "another server listens there");
        CPPUNIT_ASSERT_EQUAL(200, server.get("/healthz").status);
    }

    void aSecondServerOnItsPortIsRefused() {
        ServerProcess server("");
        server.start();
        const auto port = std::to_string(server.port());
        const auto second = runProgram("playhouse", {"--config", server.configurationFile().string(), "-D",
                                                     "control.enabled=false", "-Dserver.port=" + port});
        CPPUNIT_ASSERT_EQUAL(69, second.exitCode);
        assertHolds(second.errors, port);
    }

    void anUnknownKeyStopsTheStart() {
        const ServerProcess server("\nserver.prot = 80\n");
        const auto ended = runProgram("playhouse", {"--config", server.configurationFile().string()});
        CPPUNIT_ASSERT_EQUAL(78, ended.exitCode);
        assertHolds(ended.errors, server.configurationFile().string() +
                                      ":7: unknown key \"server.prot\"; did you mean "
                                      "\"server.port\"?");
    }

    void anUnknownSettingOfAPluginStopsTheStart() {
        const ServerProcess server(greeter("1") + "plugin.greeter.salutatoin = hi\n");
        const auto ended = runProgram("playhouse", {"--config", server.configurationFile().string()});
        CPPUNIT_ASSERT_EQUAL(78, ended.exitCode);
        assertHolds(ended.errors, "did you mean \"plugin.greeter.salutation\"?");
    }

    void anUnknownOptionNamesTheNearest() {
        const auto ended = runProgram("playhouse", {"--confg=x"});
        CPPUNIT_ASSERT_EQUAL(64, ended.exitCode);
        assertHolds(ended.errors, "did you mean \"--config\"?");
    }

    void aCheckHidesSecretsAndTellsOrigins() {
        const ServerProcess server(greeter("1"));
        const auto check =
            runProgram("playhouse", {"--check-config", "--config", server.configurationFile().string()},
                       {{"JWT_SECRET", "hush"}, {"DATABASE_URL", "postgresql://u:hush@db/v"}, {"PORT", "81"}});
        CPPUNIT_ASSERT_EQUAL(0, check.exitCode);
        CPPUNIT_ASSERT(check.output.find("hush") == std::string::npos);
        assertHolds(check.output, "********");
        assertHolds(check.output, "environment variable JWT_SECRET: identity.secret is weak");
        assertHolds(check.output, "postgresql://u:********@db/v");
        assertHolds(check.output, "environment variable PORT");
        assertHolds(check.output, server.configurationFile().string() + ":3");
        assertHolds(check.output, "The configuration is valid.");
        CPPUNIT_ASSERT(!std::filesystem::exists(server.socket().parent_path()));
    }

    void aCheckFindsPluginsThatCannotStart() {
        const ServerProcess server(greeter("1") + "plugin.unhealthy.library = " + fixtures +
                                   "/unhealthy.so\nplugin.unhealthy.enabled = true\n");
        const auto check = runProgram("playhouse", {"--check-config", "--config", server.configurationFile().string()});
        CPPUNIT_ASSERT_EQUAL(78, check.exitCode);
        assertHolds(check.output, "Not every plugin that is switched on could start.");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ServerTest);

/// Changing the configuration of a server that runs.
class ReloadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ReloadTest);
    CPPUNIT_TEST(hangupSwitchesPluginsOffAndOn);
    CPPUNIT_TEST(anEditIsNoticedByItself);
    CPPUNIT_TEST(aChangedSettingOrLibrarySwapsThePlugin);
    CPPUNIT_TEST(aRefusedConfigurationChangesNothing);
    CPPUNIT_TEST(namesWhatTakesARestart);
    CPPUNIT_TEST_SUITE_END();

public:
    void hangupSwitchesPluginsOffAndOn() {
        ServerProcess server("configuration.watch = false\n" + greeter("1"));
        server.start();
        server.configure("configuration.watch = false\n" + greeter("1", "plugin.greeter.enabled = false\n"));
        server.signal(SIGHUP);
        server.waitForLog("(SIGHUP): in use now: plugin.greeter.enabled");
        const auto off = server.get("/greeter");
        CPPUNIT_ASSERT_EQUAL(503, off.status);
        CPPUNIT_ASSERT(off.json().at("error").at("code").as_string() == "SERVICE_DISABLED");
        server.configure("configuration.watch = false\nlog.level = debug\n" + greeter("1"));
        server.signal(SIGHUP);
        server.waitForLog("in use now: log.level, plugin.greeter.enabled");
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
    }

    void anEditIsNoticedByItself() {
        ServerProcess server(greeter("1", ""));
        server.start();
        CPPUNIT_ASSERT_EQUAL(503, server.get("/greeter").status);
        server.configure(greeter("1"));
        server.waitForLog("(its file has changed): in use now: plugin.greeter.enabled");
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
    }

    void aChangedSettingOrLibrarySwapsThePlugin() {
        ServerProcess server(greeter("1"));
        server.start();
        server.configure(greeter("1") + "plugin.greeter.salutation = hi from\n");
        server.waitForLog("in use now: plugin.greeter.salutation");
        CPPUNIT_ASSERT_EQUAL(std::string("hi from 1.0.0"), server.get("/greeter").body);
        server.configure(greeter("2"));
        server.waitForLog("in use now: plugin.greeter.library, plugin.greeter.salutation");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), server.get("/greeter").body);
    }

    void aRefusedConfigurationChangesNothing() {
        ServerProcess server(greeter("1"));
        server.start();
        server.configure(greeter("1", "plugin.greeter.enabled = false\nlog.levle = debug\n"));
        server.waitForLog("is refused, and the one before stays in use");
        server.waitForLog("did you mean \"log.level\"?");
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
        server.configure(greeter("1") + "plugin.greeter.salutatoin = x\n");
        server.waitForLog("did you mean \"plugin.greeter.salutation\"?");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), server.get("/greeter").body);
    }

    void namesWhatTakesARestart() {
        ServerProcess server(greeter("1"));
        server.start();
        server.configure("server.loops = 7\n" + greeter("1"));
        server.waitForLog("These take a restart, and are as they were until then: server.loops");
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReloadTest);

/// The program playhousectl against a running server.
class ControlProgramTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ControlProgramTest);
    CPPUNIT_TEST(steersARunningServer);
    CPPUNIT_TEST(aRefusedSwapLeavesTheOldVersionServing);
    CPPUNIT_TEST(exitCodesTellWhatWentWrong);
    CPPUNIT_TEST_SUITE_END();

public:
    void steersARunningServer() {
        ServerProcess server(greeter("1"));
        server.start();
        const auto ask = [&](std::vector<std::string> words) {
            const auto ended = runProgram("playhousectl", server.control(std::move(words)));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(ended.errors, 0, ended.exitCode);
            return ended.output;
        };
        assertHolds(ask({"plugins"}), "greeter  1.0.0    -       serving  1");
        assertHolds(ask({"swap", "greeter", fixtures + "/greeter-2.so"}), "2.0.0 (generation 2)");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), server.get("/greeter").body);
        assertHolds(ask({"disable", "greeter"}), "greeter is disabled");
        CPPUNIT_ASSERT_EQUAL(503, server.get("/greeter").status);
        ask({"enable", "greeter"});
        CPPUNIT_ASSERT_EQUAL(200, server.get("/greeter").status);
        assertHolds(ask({"status"}), std::to_string(server.port()));
        assertHolds(ask({"reload"}), "Nothing has changed.");
        server.waitForLog("swap greeter to " + fixtures + "/greeter-2.so");
    }

    void aRefusedSwapLeavesTheOldVersionServing() {
        ServerProcess server(greeter("1"));
        server.start();
        const auto refused =
            runProgram("playhousectl", server.control({"swap", "greeter", fixtures + "/wrong-fingerprint.so"}));
        CPPUNIT_ASSERT_EQUAL(1, refused.exitCode);
        assertHolds(refused.errors, "clang99");
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), server.get("/greeter").body);
    }

    void exitCodesTellWhatWentWrong() {
        ServerProcess server("");
        server.start();
        CPPUNIT_ASSERT_EQUAL(1, runProgram("playhousectl", server.control({"enable", "nobody"})).exitCode);
        CPPUNIT_ASSERT_EQUAL(2, runProgram("playhousectl", server.control({"plguins"})).exitCode);
        CPPUNIT_ASSERT_EQUAL(3, runProgram("playhousectl", {"--socket", "/none", "plugins"}).exitCode);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlProgramTest);
