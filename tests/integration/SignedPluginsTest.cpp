#include "../unit/trust/KeyFiles.h"
#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <string>

/// The way from a key to a swap, by the commands of docs/operations.md.
class SignedPluginsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SignedPluginsTest);
    CPPUNIT_TEST(onlyWhatIsSignedIsLoaded);
    CPPUNIT_TEST(aReloadWithABadKeyChangesNothing);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;
    const KeyFiles::Pair key_ = files_.make("signing");

    std::filesystem::path library() const { return files_.path("greeter.so"); }

    void install(const std::string& version) const {
        std::filesystem::copy_file(PLAYHOUSE_FIXTURES "/greeter-" + version + ".so", library(),
                                   std::filesystem::copy_options::overwrite_existing);
    }

    void sign() const {
        const auto signing = runProgram("playhousectl", {"sign", library().string(), "--key", key_.secret.string()});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(signing.errors, 0, signing.exitCode);
    }

    std::string configuration(const std::string& keys) const {
        return "plugin.greeter.enabled = true\nplugin.greeter.library = " + library().string() +
               "\nplugins.require-signature = true\nplugins.trusted-keys = " + keys + "\nconfiguration.watch = false\n";
    }

    static Finished control(const ServerProcess& server, const std::vector<std::string>& words) {
        return runProgram("playhousectl", server.control(words));
    }

public:
    void onlyWhatIsSignedIsLoaded() {
        install("1");
        sign();
        ServerProcess server(configuration(key_.open.string()));
        server.start();
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), server.get("/greeter").body);

        install("2");
        const auto refused = control(server, {"swap", "greeter"});
        CPPUNIT_ASSERT_EQUAL(1, refused.exitCode);
        CPPUNIT_ASSERT_MESSAGE(refused.errors, refused.errors.find("changed after it was signed") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 1.0.0"), server.get("/greeter").body);

        runCommand("openssl pkeyutl -sign -rawin -inkey " + key_.secret.string() + " -in " + library().string() +
                   " -out " + library().string() + ".sig");
        CPPUNIT_ASSERT_EQUAL(0, control(server, {"swap", "greeter"}).exitCode);
        CPPUNIT_ASSERT_EQUAL(std::string("hello from 2.0.0"), server.get("/greeter").body);
    }

    void aReloadWithABadKeyChangesNothing() {
        install("1");
        sign();
        ServerProcess server(configuration(key_.open.string()));
        server.start();
        server.configure(configuration(key_.secret.string()));
        const auto refused = control(server, {"reload"});
        CPPUNIT_ASSERT_EQUAL(1, refused.exitCode);
        CPPUNIT_ASSERT_MESSAGE(refused.errors, refused.errors.find("holds a private key") != std::string::npos);
        // The keys before are in use.
        install("2");
        CPPUNIT_ASSERT_EQUAL(1, control(server, {"swap", "greeter"}).exitCode);
        sign();
        CPPUNIT_ASSERT_EQUAL(0, control(server, {"swap", "greeter"}).exitCode);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SignedPluginsTest);
