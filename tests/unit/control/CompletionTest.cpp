#include "control/Completion.h"

#include "../configuration/TemporaryDirectory.h"

#include <Poco/Pipe.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace playhouse::host;

class CompletionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CompletionTest);
    CPPUNIT_TEST(completesCommands);
    CPPUNIT_TEST(completesOptionsOfTheCommand);
    CPPUNIT_TEST(completesPluginsOfTheNamedServer);
    CPPUNIT_TEST(completesTheValuesOfOptions);
    CPPUNIT_TEST(completesFilesAndDirectories);
    CPPUNIT_TEST(offersNothingWhereNothingBelongs);
    CPPUNIT_TEST(aDoubleDashEndsOptions);
    CPPUNIT_TEST(theScriptCompletesInBash);
    CPPUNIT_TEST(theScriptCompletesFilesInBash);
    CPPUNIT_TEST_SUITE_END();

    using Words = std::vector<std::string>;
    std::string asked_;

    /// Completes the last of `words`, which bash has taken apart.
    Completion complete(Words words) {
        words.insert(words.begin(), "playhousectl");
        return completionOf(words, words.size() - 1, [&](const ControlCall& call) {
            asked_ = call.option("--socket").value_or("") + call.option("--server").value_or("");
            return Words{"chat", "streaming"};
        });
    }

    void assertWords(const Words& words, const Words& expected) {
        const auto completion = complete(words);
        CPPUNIT_ASSERT(completion.kind == Completion::Kind::Words);
        std::string told;
        for (const auto& word : completion.words) told += word + " ";
        CPPUNIT_ASSERT_MESSAGE(words.back() + " became " + told, completion.words == expected);
    }

    /// Sources the script in bash and completes the last of `words`, with a
    /// program that answers `answer`.
    static std::string inBash(const std::string& answer, const std::string& words, int index) {
        const TemporaryDirectory directory;
        const auto program = directory.write("playhousectl", "#!/bin/sh\nprintf '" + answer + "'\n");
        std::filesystem::permissions(program, std::filesystem::perms(0755));
        directory.write("library.so", "");
        const auto script =
            "cd " + directory.path().string() + " && source " PLAYHOUSE_COMPLETION " && COMP_WORDS=(./playhousectl " +
            words + ") COMP_CWORD=" + std::to_string(index) + " && _playhousectl && printf '%s|' \"${COMPREPLY[@]}\"";
        Poco::Pipe output;
        const auto bash = Poco::Process::launch("bash", {"--norc", "-c", script}, nullptr, &output, nullptr);
        Poco::PipeInputStream stream(output);
        std::string text;
        Poco::StreamCopier::copyToString(stream, text);
        CPPUNIT_ASSERT_EQUAL(0, bash.wait());
        return text;
    }

public:
    void completesCommands() {
        assertWords({"sw"}, {"swap"});
        assertWords({"--json", "re"}, {"reload"});
        assertWords({"--socket", "/x", "--timeout", "3", "ro"}, {"rollback"});
        CPPUNIT_ASSERT(complete({""}).words.size() > 10);
    }

    void completesOptionsOfTheCommand() {
        assertWords({"logs", "--f"}, {"--follow"});
        assertWords({"status", "--f"}, {});
        assertWords({"status", "--j"}, {"--json"});
    }

    void completesPluginsOfTheNamedServer() {
        assertWords({"--socket", "/run/a.sock", "swap", "st"}, {"streaming"});
        CPPUNIT_ASSERT_EQUAL(std::string("/run/a.sock"), asked_);
        assertWords({"--server", "http", ":", "//127.0.0.1", ":", "9000", "swap", ""}, {"chat", "streaming"});
        CPPUNIT_ASSERT_EQUAL(std::string("http://127.0.0.1:9000"), asked_);
        assertWords({"logs", "--plugin", "c"}, {"chat"});
        assertWords({"logs", "--plugin", "=", "c"}, {"chat"});
    }

    void completesTheValuesOfOptions() {
        assertWords({"logs", "--level", "e"}, {"error"});
        assertWords({"logs", "--level", "="}, {"error", "warning", "info", "debug"});
        assertWords({"completion", ""}, {"bash"});
        assertWords({"status", "--watch", "--j"}, {"--json"});
    }

    void completesFilesAndDirectories() {
        CPPUNIT_ASSERT(complete({"swap", "chat", ""}).kind == Completion::Kind::Files);
        CPPUNIT_ASSERT(complete({"verify", "li"}).kind == Completion::Kind::Files);
        CPPUNIT_ASSERT(complete({"--token-file", ""}).kind == Completion::Kind::Files);
        CPPUNIT_ASSERT(complete({"new", "chat", ""}).kind == Completion::Kind::Directories);
    }

    void offersNothingWhereNothingBelongs() {
        assertWords({"new", ""}, {});
        assertWords({"reload", ""}, {});
        assertWords({"nonsense"}, {});
        assertWords({"--timeout", ""}, {});
        CPPUNIT_ASSERT(completionOf({}, 7, [](const ControlCall&) { return Words{}; }).words.size() > 10);
    }

    void aDoubleDashEndsOptions() { assertWords({"swap", "--", "--j"}, {}); }

    void theScriptCompletesInBash() {
        CPPUNIT_ASSERT_EQUAL(std::string("swap|sweep|"), inBash("words\\nswap\\nsweep\\n", "sw", 1));
        CPPUNIT_ASSERT_EQUAL(std::string("|"), inBash("words\\n", "x", 1));
    }

    void theScriptCompletesFilesInBash() {
        CPPUNIT_ASSERT_EQUAL(std::string("library.so|"), inBash("files\\n", "verify lib", 2));
        CPPUNIT_ASSERT_EQUAL(std::string("library.so|playhousectl|"), inBash("files\\n", "sign --key =", 3));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CompletionTest);
