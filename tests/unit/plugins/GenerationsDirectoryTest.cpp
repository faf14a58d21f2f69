#include "../configuration/TemporaryDirectory.h"
#include "plugins/GenerationsDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <string>

using namespace playhouse::host;

class GenerationsDirectoryTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GenerationsDirectoryTest);
    CPPUNIT_TEST(clearsWhatAKilledServerLeft);
    CPPUNIT_TEST(keepsWhatAnotherServerMayUse);
    CPPUNIT_TEST(keepsFilesThatAreNotItsOwn);
    CPPUNIT_TEST(copiesAgainAfterItWasRemoved);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;

    std::filesystem::path copyOf(pid_t process) {
        const auto name = std::to_string(process) + "-1-greeter.so";
        return directory_.write(name, "");
    }

public:
    void clearsWhatAKilledServerLeft() {
        const auto child = ::fork();
        if (child == 0) ::_exit(0);
        siginfo_t end;
        // Ended, and still to be asked for: what a server is whose parent does not care.
        CPPUNIT_ASSERT_EQUAL(0, ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOWAIT));
        const auto left = copyOf(child);
        const GenerationsDirectory directory(directory_.path());
        const bool isThere = std::filesystem::exists(left);
        ::waitpid(child, nullptr, 0);
        CPPUNIT_ASSERT(!isThere);
    }

    void keepsWhatAnotherServerMayUse() {
        const auto used = copyOf(::getppid());
        const GenerationsDirectory directory(directory_.path());
        CPPUNIT_ASSERT(std::filesystem::exists(used));
    }

    void copiesAgainAfterItWasRemoved() {
        const auto library = directory_.write("library.so", "content");
        GenerationsDirectory directory(directory_.path() / "generations");
        std::filesystem::remove_all(directory_.path() / "generations");
        CPPUNIT_ASSERT(std::filesystem::exists(directory.copyOf(library, "greeter")));
    }

    void keepsFilesThatAreNotItsOwn() {
        directory_.write("notes.txt", "");
        directory_.write("17.so", "");
        const GenerationsDirectory directory(directory_.path());
        CPPUNIT_ASSERT(std::filesystem::exists(directory_.path() / "notes.txt"));
        CPPUNIT_ASSERT(std::filesystem::exists(directory_.path() / "17.so"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GenerationsDirectoryTest);
