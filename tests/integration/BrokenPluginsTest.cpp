#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace {}  // namespace

/// Whatever a plugin does short of a crash, the program serves on, and ends when it is told to.
class BrokenPluginsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BrokenPluginsTest);
    CPPUNIT_TEST(servesOnWhateverANewVersionDoes);
    CPPUNIT_TEST(endsWhileAHandlerHangs);
    CPPUNIT_TEST(endsWhileAnInlineHandlerHangs);
    CPPUNIT_TEST(endsWhileATaskHangs);
    CPPUNIT_TEST(endsWhileStopHangs);
    CPPUNIT_TEST(endsWhileASwapHangs);
    CPPUNIT_TEST(endsWhenItsPortIsTakenAndATaskHangs);
    CPPUNIT_TEST(checksTheConfigurationOfAPluginWhoseTaskHangs);
    CPPUNIT_TEST_SUITE_END();

    const TemporaryDirectory directory_;

    std::string configuration(const std::string& version, const std::string& faults) const {
        return "plugin.broken.enabled = true\nplugin.broken.library = " + fixtures + "/broken-" + version +
               ".so\nplugin.broken.faults = " + faults + "\nplugin.broken.release = " + release().string() +
               "\nshutdown.timeout = 300 ms\nswap.start-timeout = 500 ms\nconfiguration.watch = false\n";
    }

    std::filesystem::path release() const { return directory_.path() / "release"; }

    void waitUntilSomethingHangs() const {
        while (!std::filesystem::exists(release().string() + ".waiting")) std::this_thread::yield();
    }

    /// Waits for the end, which does not take longer than shutdown.timeout and what the program itself needs: a hang
    /// would be for ever, which the test's own patience ends.
    static void expectEnd(ServerProcess& server) {
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
        const auto log = server.log();
        CPPUNIT_ASSERT_MESSAGE(log, log.find("a plugin was still at work after shutdown.timeout") != std::string::npos);
    }

    /// Does `ask`, whose answer may never come, meanwhile.
    static std::thread meanwhile(std::function<void()> ask) {
        return std::thread([ask = std::move(ask)] {
            try {
                ask();
            } catch (const std::exception&) {
                // The server has gone.
            }
        });
    }

public:
    void servesOnWhateverANewVersionDoes() {
        ServerProcess server(configuration("1", ""));
        server.start();
        for (const auto* faults : {"start:throw", "start:foreign", "schema:throw", "health:foreign",
                                   "sickness:", "start:hang", "health:hang"}) {
            server.configure(configuration("2", faults));
            const auto reload = runProgram("playhousectl", server.control({"reload"}));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reload.output + reload.errors, 1, reload.exitCode);
            CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), server.get("/broken").body);
        }
        server.configure(configuration("2", "handler:throw, stop:throw"));
        CPPUNIT_ASSERT_EQUAL(0, runProgram("playhousectl", server.control({"reload"})).exitCode);
        CPPUNIT_ASSERT_EQUAL(500, server.get("/broken/handler").status);
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), server.get("/broken").body);
    }

    void endsWhileAHandlerHangs() {
        ServerProcess server(configuration("1", "handler:hang"));
        server.start();
        auto client = meanwhile([&] { server.get("/broken/handler"); });
        waitUntilSomethingHangs();
        expectEnd(server);
        client.join();
    }

    void endsWhileAnInlineHandlerHangs() {
        ServerProcess server(configuration("1", "inline:hang"));
        server.start();
        auto client = meanwhile([&] { server.get("/broken/inline"); });
        waitUntilSomethingHangs();
        expectEnd(server);
        client.join();
    }

    void endsWhileATaskHangs() {
        ServerProcess server(configuration("1", "task:hang"));
        server.start();
        waitUntilSomethingHangs();
        expectEnd(server);
    }

    void endsWhileStopHangs() {
        ServerProcess server(configuration("1", "stop:hang"));
        server.start();
        expectEnd(server);
    }

    void endsWhileASwapHangs() {
        ServerProcess server(configuration("1", ""));
        server.start();
        server.configure(configuration("2", "start:hang"));
        auto operating = meanwhile([&] { runProgram("playhousectl", server.control({"reload"})); });
        waitUntilSomethingHangs();
        expectEnd(server);
        operating.join();
    }

    /// What cannot start has an exit code, for those who start it again.
    void endsWhenItsPortIsTakenAndATaskHangs() {
        ServerProcess other("");
        other.start();
        const auto file =
            directory_.write("taken.properties", configuration("1", "task:hang") + "server.address = 127.0.0.1\n" +
                                                     "server.port = " + std::to_string(other.port()) +
                                                     "\nstorage.path = " + (directory_.path() / "storage").string());
        const auto ended = runProgram("playhouse", {"--config", file.string()});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(ended.errors, 69, ended.exitCode);
        CPPUNIT_ASSERT_MESSAGE(ended.errors,
                               ended.errors.find("cannot listen on 127.0.0.1 port ") != std::string::npos);
    }

    void checksTheConfigurationOfAPluginWhoseTaskHangs() {
        const auto file = directory_.write("checked.properties", configuration("1", "task:hang"));
        const auto checked = runProgram("playhouse", {"--check-config", "--config", file.string()});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(checked.errors, 0, checked.exitCode);
        CPPUNIT_ASSERT(checked.output.find("The configuration is valid.") != std::string::npos);
        CPPUNIT_ASSERT(checked.output.find("A plugin is still at work after shutdown.timeout") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BrokenPluginsTest);
