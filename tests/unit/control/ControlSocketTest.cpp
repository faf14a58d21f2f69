#include "control/ControlSocket.h"

#include "../configuration/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

using playhouse::host::ControlSocket;

class ControlSocketTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ControlSocketTest);
    CPPUNIT_TEST(isThereAsLongAsTheObject);
    CPPUNIT_TEST(hasThePermissionsAskedFor);
    CPPUNIT_TEST(replacesWhatADeadServerLeft);
    CPPUNIT_TEST(refusesASocketThatAnotherServerListensOn);
    CPPUNIT_TEST(refusesAFileThatIsNotASocket);
    CPPUNIT_TEST(refusesADirectoryThatCannotBeMade);
    CPPUNIT_TEST_SUITE_END();

    TemporaryDirectory directory_;

    std::string refusal(const std::filesystem::path& path) {
        try {
            ControlSocket socket(path, 0600);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        CPPUNIT_FAIL("accepted " + path.string());
        return {};
    }

public:
    void isThereAsLongAsTheObject() {
        const auto path = directory_.path() / "run/control.sock";
        {
            const ControlSocket socket(path, 0600);
            CPPUNIT_ASSERT(std::filesystem::is_socket(path));
        }
        CPPUNIT_ASSERT(!std::filesystem::exists(path));
    }

    void hasThePermissionsAskedFor() {
        const auto path = directory_.path() / "control.sock";
        for (const mode_t mode : {mode_t{0600}, mode_t{0660}}) {
            const ControlSocket socket(path, mode);
            struct stat status {};
            CPPUNIT_ASSERT_EQUAL(0, stat(path.c_str(), &status));
            CPPUNIT_ASSERT_EQUAL(mode, status.st_mode & 0777);
        }
    }

    void replacesWhatADeadServerLeft() {
        const auto path = directory_.path() / "control.sock";
        {
            // Bound and closed without removing its file, as a killed server leaves it.
            Poco::Net::ServerSocket dead;
            dead.bind(Poco::Net::SocketAddress(Poco::Net::SocketAddress::UNIX_LOCAL, path.string()));
        }
        CPPUNIT_ASSERT(std::filesystem::is_socket(path));
        const ControlSocket socket(path, 0600);
    }

    void refusesASocketThatAnotherServerListensOn() {
        const auto path = directory_.path() / "control.sock";
        const ControlSocket first(path, 0600);
        const auto text = refusal(path);
        CPPUNIT_ASSERT(text.find(path.string()) != std::string::npos);
        CPPUNIT_ASSERT(text.find("another server listens there") != std::string::npos);
        CPPUNIT_ASSERT(std::filesystem::is_socket(path));
    }

    void refusesAFileThatIsNotASocket() {
        CPPUNIT_ASSERT(refusal(directory_.write("precious", "data")).find("not a socket") != std::string::npos);
        CPPUNIT_ASSERT(std::filesystem::exists(directory_.path() / "precious"));
    }

    void refusesADirectoryThatCannotBeMade() {
        CPPUNIT_ASSERT(refusal(directory_.write("file", "") / "control.sock").find("control.socket") == 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ControlSocketTest);
