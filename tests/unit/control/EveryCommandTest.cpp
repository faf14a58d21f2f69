#include "control/ControlCommand.h"

#include "../configuration/TemporaryDirectory.h"
#include "FakeAdministration.h"
#include "control/AdminRoutes.h"
#include "control/AdminServer.h"
#include "control/KeptLogs.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/parse.hpp>

#include <dlfcn.h>

#include <memory>
#include <sstream>

using namespace playhouse::host;

/// What scripts rely on, whatever command of playhousectl they run: exit codes, JSON alone on standard output with
/// --json, and nothing on standard error then.
class EveryCommandTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EveryCommandTest);
    CPPUNIT_TEST(everyCommandHasAnExampleHere);
    CPPUNIT_TEST(answersInJson);
    CPPUNIT_TEST(refusesInJson);
    CPPUNIT_TEST(isNotUnderstoodInJson);
    CPPUNIT_TEST(tellsInJsonThatNoServerAnswers);
    CPPUNIT_TEST(explainsItself);
    CPPUNIT_TEST(verifyTellsOnlyWhatIsKnownOfAFile);
    CPPUNIT_TEST_SUITE_END();

    using Words = std::vector<std::string>;

    struct Example {
        Words words;
        bool needsServer = true;
    };

    const TemporaryDirectory directory_;
    FakeAdministration administration_;
    KeptLogs logs_;
    std::unique_ptr<AdminServer> server_;
    std::string out_;
    std::string err_;

    std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

    /// A command line of each command: those that need a server are done when one answers, the others are refused.
    std::vector<Example> examples() const {
        return {{{"plugins"}},
                {{"status"}},
                {{"logs", "--level", "info"}},
                {{"enable", "chat"}},
                {{"disable", "chat"}},
                {{"swap", "streaming"}},
                {{"rollback", "streaming"}},
                {{"reload"}},
                {{"new", "Not-a-Name", path("")}, false},
                {{"verify", path("none.so")}, false},
                {{"sign", path("none.so"), "--key", path("none.pem")}, false}};
    }

    ControlExit run(Words words) {
        words.insert(words.begin(), {"--socket", path("control.sock")});
        std::ostringstream out;
        std::ostringstream err;
        const auto code = runControlCommand(
            words, {.out = out, .err = err, .isTerminal = false, .pause = [](auto) { return false; }});
        out_ = out.str();
        err_ = err.str();
        return code;
    }

    ControlExit runJson(Words words) {
        words.emplace_back("--json");
        return run(std::move(words));
    }

    /// Runs it with --json, which must end so and say so in one document; gives the code of a refusal.
    std::string expectJson(const Words& words, ControlExit expected) {
        const auto code = runJson(words);
        CPPUNIT_ASSERT_MESSAGE(words.front() + ": " + out_, code == expected);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(words.front(), std::string(), err_);
        const auto answer = boost::json::parse(out_).as_object();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(words.front(), expected == ControlExit::Done, answer.at("success").as_bool());
        CPPUNIT_ASSERT(answer.at("timestamp").is_string());
        if (expected == ControlExit::Done) return {};
        CPPUNIT_ASSERT(!answer.at("error").at("message").as_string().empty());
        return std::string(answer.at("error").at("code").as_string());
    }

public:
    void setUp() override {
        server_ = std::make_unique<AdminServer>(AdminListeners{.socket = path("control.sock")},
                                                adminRoutes(administration_, logs_));
    }
    void tearDown() override { server_.reset(); }

    void everyCommandHasAnExampleHere() {
        for (const auto* syntax : commandSyntaxes()) {
            bool isHere = syntax->name == "completion";
            for (const auto& example : examples()) isHere = isHere || example.words.front() == syntax->name;
            CPPUNIT_ASSERT_MESSAGE(syntax->name, isHere);
        }
    }

    void answersInJson() {
        for (const auto& [words, needsServer] : examples())
            if (needsServer) expectJson(words, ControlExit::Done);
        for (const auto& words : {Words{"completion", "bash"}, Words{"--help"}, Words{"--version"}})
            expectJson(words, ControlExit::Done);
    }

    void refusesInJson() {
        administration_.refusal.emplace("LIBRARY_REFUSED", "built for another host");
        administration_.reloadRefusal.emplace("a:1: unknown key \"x\"");
        for (const auto* command : {"swap", "rollback"})
            CPPUNIT_ASSERT_EQUAL(std::string("LIBRARY_REFUSED"),
                                 expectJson({command, "streaming"}, ControlExit::Refused));
        for (const auto* command : {"enable", "disable", "swap", "rollback"})
            CPPUNIT_ASSERT_EQUAL(std::string("PLUGIN_NOT_FOUND"), expectJson({command, "none"}, ControlExit::Refused));
        CPPUNIT_ASSERT_EQUAL(std::string("INVALID_CONFIGURATION"), expectJson({"reload"}, ControlExit::Refused));
        for (const auto& [words, needsServer] : examples())
            if (!needsServer) expectJson(words, ControlExit::Refused);
    }

    void isNotUnderstoodInJson() {
        for (const auto& [words, needsServer] : examples()) {
            for (const Words& wrong : {Words{"--wrong"}, Words{"one", "two", "three", "four"}, Words{"--timeout"}}) {
                auto line = words;
                line.insert(line.end(), wrong.begin(), wrong.end());
                line.insert(line.begin(), "--json");
                CPPUNIT_ASSERT_MESSAGE(words.front() + " " + wrong.front(), run(line) == ControlExit::Usage);
                CPPUNIT_ASSERT(boost::json::parse(out_).at("error").at("code").as_string() == "USAGE");
                CPPUNIT_ASSERT_EQUAL(std::string(), err_);
            }
        }
        for (const auto* line : {"swap", "sign", "verify", "completion", "nothing-of-the-kind"})
            CPPUNIT_ASSERT_EQUAL(std::string("USAGE"), expectJson({line}, ControlExit::Usage));
    }

    void tellsInJsonThatNoServerAnswers() {
        server_.reset();
        for (const auto& [words, needsServer] : examples())
            if (needsServer)
                CPPUNIT_ASSERT_EQUAL(std::string("UNREACHABLE"), expectJson(words, ControlExit::Unreachable));
    }

    void explainsItself() {
        for (const auto* syntax : commandSyntaxes()) {
            CPPUNIT_ASSERT(run({syntax->name, "--help"}) == ControlExit::Done);
            CPPUNIT_ASSERT_EQUAL(std::size_t{0}, out_.find("Usage: playhousectl " + syntax->name));
        }
    }

    void verifyTellsOnlyWhatIsKnownOfAFile() {
        // Names of files may be any bytes, JSON may not.
        expectJson({"verify", directory_.write("caf\xe9.so", "").string()}, ControlExit::Refused);

        const auto text = directory_.write("notes.so", "no library at all").string();
        CPPUNIT_ASSERT(run({"verify", text}) == ControlExit::Refused);
        CPPUNIT_ASSERT_EQUAL("library    " + text + "\nsignature  none\n", out_);
        CPPUNIT_ASSERT(err_.find("it is not a shared library (no ELF file)") != std::string::npos);

        // A library, but no plugin.
        Dl_info info{};
        CPPUNIT_ASSERT(::dladdr(reinterpret_cast<const void*>(&std::terminate), &info) != 0);
        CPPUNIT_ASSERT(run({"verify", info.dli_fname}) == ControlExit::Refused);
        CPPUNIT_ASSERT_MESSAGE(out_, out_.find("\nneeds ") != std::string::npos);
        for (const auto* row : {"\nid ", "\nversion ", "\nABI ", "\nfingerprint "})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(out_, std::string::npos, out_.find(row));
        expectJson({"verify", info.dli_fname}, ControlExit::Refused);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(EveryCommandTest);
