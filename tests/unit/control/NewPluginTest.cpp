#include "control/NewPlugin.h"

#include "../configuration/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <iterator>

#include <sys/stat.h>

using namespace playhouse::host;

class NewPluginTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NewPluginTest);
    CPPUNIT_TEST(replacesTheWordsOfTheTemplate);
    CPPUNIT_TEST(leavesOtherWordsAlone);
    CPPUNIT_TEST(aNameWithADashStaysValidInCode);
    CPPUNIT_TEST(copiesAndRenamesFiles);
    CPPUNIT_TEST(keepsScriptsExecutable);
    CPPUNIT_TEST(refusesWhatIsThereAlready);
    CPPUNIT_TEST(refusesBadNames);
    CPPUNIT_TEST(findsTheTemplateAboveTheProgram);
    CPPUNIT_TEST(leavesNothingBehindWhenItFails);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;

    std::filesystem::path source() const {
        directory_.write("template/CMakeLists.txt", "project(example)\n");
        directory_.write("template/src/ExamplePlugin.cpp", "class ExamplePlugin {};\n");
        directory_.write("template/build/left-over.o", "x");
        return directory_.path() / "template";
    }

    static std::string read(const std::filesystem::path& file) {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    template <class Action>
    static std::string refusal(const Action& action) {
        try {
            action();
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        CPPUNIT_FAIL("accepted");
        return {};
    }

public:
    void replacesTheWordsOfTheTemplate() {
        CPPUNIT_ASSERT_EQUAL(std::string("project(chat) class ChatPlugin; #define CHAT_LIMIT "
                                         "\"/chat/{name}\""),
                             fromTemplate("project(example) class ExamplePlugin; #define "
                                          "EXAMPLE_LIMIT \"/example/{name}\"",
                                          "chat"));
        CPPUNIT_ASSERT_EQUAL(std::string("chat-plugin chat_test Chat.cpp"),
                             fromTemplate("example-plugin example_test Example.cpp", "chat"));
    }

    void leavesOtherWordsAlone() {
        for (const auto* text : {"examples", "counterexample", "Examples", "EXAMPLES", "myExample"})
            CPPUNIT_ASSERT_EQUAL(std::string(text), fromTemplate(text, "chat"));
    }

    void aNameWithADashStaysValidInCode() {
        CPPUNIT_ASSERT_EQUAL(std::string("namespace my_player { my_player::x; MyPlayerPlugin; "
                                         "MY_PLAYER_H; \"my-player\" }"),
                             fromTemplate("namespace example { example::x; ExamplePlugin; "
                                          "EXAMPLE_H; \"example\" }",
                                          "my-player"));
    }

    void copiesAndRenamesFiles() {
        const auto target = directory_.path() / "made/my-player";
        const auto files = makePlugin(source(), "my-player", target);
        CPPUNIT_ASSERT((files == std::vector<std::filesystem::path>{"CMakeLists.txt", "src/MyPlayerPlugin.cpp"}));
        CPPUNIT_ASSERT_EQUAL(std::string("project(my-player)\n"), read(target / "CMakeLists.txt"));
        CPPUNIT_ASSERT_EQUAL(std::string("class MyPlayerPlugin {};\n"), read(target / "src/MyPlayerPlugin.cpp"));
    }

    void keepsScriptsExecutable() {
        const auto script = directory_.write("template/run.sh", "#!/bin/sh\n");
        std::filesystem::permissions(script, std::filesystem::perms(0755));
        const auto target = directory_.path() / "chat";
        makePlugin(source(), "chat", target);
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL(0, stat((target / "run.sh").c_str(), &status));
        CPPUNIT_ASSERT((status.st_mode & 0100) != 0);
    }

    void refusesWhatIsThereAlready() {
        const auto target = directory_.path() / "chat";
        std::filesystem::create_directory(target);
        CPPUNIT_ASSERT(refusal([&] { makePlugin(source(), "chat", target); }).find("is there already") !=
                       std::string::npos);
        std::filesystem::remove(target);
        std::filesystem::create_symlink("nowhere", target);
        CPPUNIT_ASSERT(refusal([&] { makePlugin(source(), "chat", target); }).find("is there already") !=
                       std::string::npos);
    }

    void refusesBadNames() {
        for (const std::string name :
             {"", "Chat", "9chat", "-chat", "chat-", "my--chat", "my_chat", "../chat", "chat/x", "ch\xc3\xa4t"}) {
            CPPUNIT_ASSERT_MESSAGE(
                name, refusal([&] { checkPluginName(name); }).find("begins with a letter") != std::string::npos);
        }
        refusal([&] { checkPluginName(std::string(65, 'a')); });
        checkPluginName("low-latency-2");
    }

    void findsTheTemplateAboveTheProgram() {
        directory_.write("prefix/share/playhouse/template/CMakeLists.txt", "");
        directory_.write("tree/sdk/template/CMakeLists.txt", "");
        CPPUNIT_ASSERT_EQUAL(directory_.path() / "prefix/share/playhouse/template",
                             findTemplate(directory_.path() / "prefix/bin"));
        CPPUNIT_ASSERT_EQUAL(directory_.path() / "tree/sdk/template",
                             findTemplate(directory_.path() / "tree/build/dev/bin"));
        CPPUNIT_ASSERT(refusal([&] { findTemplate("/nowhere/bin"); }).find("install Playhouse") != std::string::npos);
    }

    void leavesNothingBehindWhenItFails() {
        const auto locked = directory_.path() / "missing-template";
        CPPUNIT_ASSERT_THROW(makePlugin(locked, "chat", directory_.path() / "made/chat"), std::exception);
        CPPUNIT_ASSERT(std::filesystem::is_empty(directory_.path() / "made"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NewPluginTest);
