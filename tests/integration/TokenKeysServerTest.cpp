#include "../unit/trust/KeyFiles.h"
#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// The keys of tokens, as the program's operator meets them.
class TokenKeysServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TokenKeysServerTest);
    CPPUNIT_TEST(keepsASecretOfItsOwn);
    CPPUNIT_TEST(doesNotStartWithABrokenSecret);
    CPPUNIT_TEST(showsItsPublicKeysAndTakesRenewedOnes);
    CPPUNIT_TEST(keepsItsKeysWhenTheRenewedAreBroken);
    CPPUNIT_TEST(productionNeedsASecret);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;

    std::filesystem::path key(const std::string& name) const {
        return files_.make(name, "EC -pkeyopt ec_paramgen_curve:P-256").secret;
    }

    static std::string curve(const std::string& keys) {
        return "identity.algorithm = ES256\nidentity.keys = " + keys + "\nconfiguration.watch = false\n";
    }

    static std::filesystem::path secretOf(const ServerProcess& server) {
        return server.socket().parent_path() / "token-secret";
    }

    static std::string contentOf(const std::filesystem::path& file) {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    /// The ids of the keys that the server shows.
    static std::vector<std::string> keyIds(const ServerProcess& server) {
        const auto answer = server.get("/auth/jwks.json");
        CPPUNIT_ASSERT_EQUAL(200, answer.status);
        CPPUNIT_ASSERT_EQUAL(std::string("public, max-age=300"), answer.headers.at("Cache-Control"));
        std::vector<std::string> ids;
        const auto shown = answer.json();
        for (const auto& each : shown.at("keys").as_array()) ids.emplace_back(each.at("kid").as_string());
        return ids;
    }

public:
    void keepsASecretOfItsOwn() {
        ServerProcess server("");
        server.start();
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(secretOf(server).c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t{0600}, static_cast<mode_t>(status.st_mode & 0777));
        CPPUNIT_ASSERT(keyIds(server).empty());
        const auto secret = contentOf(secretOf(server));
        server.signal(SIGHUP);
        server.waitForLog("Configuration read again");
        CPPUNIT_ASSERT_EQUAL(secret, contentOf(secretOf(server)));
        CPPUNIT_ASSERT(server.log().find(secret.substr(0, 64)) == std::string::npos);
    }

    void doesNotStartWithABrokenSecret() {
        const ServerProcess server("");
        std::filesystem::create_directories(secretOf(server).parent_path());
        std::ofstream(secretOf(server)) << "hush";
        for (const auto mode : {mode_t{0644}, mode_t{0600}}) {
            ::chmod(secretOf(server).c_str(), mode);
            const auto ended = runProgram("playhouse", {"--config", server.configurationFile().string()});
            CPPUNIT_ASSERT_EQUAL(78, ended.exitCode);
            assertHolds(ended.errors, mode == 0644 ? "others than its owner may read it" : "does not hold the secret");
            CPPUNIT_ASSERT(ended.errors.find("hush") == std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("hush"), contentOf(secretOf(server)));
    }

    void showsItsPublicKeysAndTakesRenewedOnes() {
        const auto old = key("old").string();
        ServerProcess server(curve(old));
        server.start();
        const auto before = keyIds(server);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, before.size());
        server.configure(curve(key("new").string() + ", " + old));
        server.signal(SIGHUP);
        server.waitForLog("in use now: identity.keys");
        const auto after = keyIds(server);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, after.size());
        CPPUNIT_ASSERT_EQUAL(before[0], after[1]);
        CPPUNIT_ASSERT(!std::filesystem::exists(secretOf(server)));
    }

    void keepsItsKeysWhenTheRenewedAreBroken() {
        const auto file = key("only");
        ServerProcess server(curve(file.string()));
        server.start();
        const auto before = keyIds(server);
        std::ofstream(file) << "no key";
        server.signal(SIGHUP);
        server.waitForLog("only.pem is no PEM file");
        CPPUNIT_ASSERT(before == keyIds(server));
    }

    void productionNeedsASecret() {
        const ServerProcess server("profile = production\n");
        const auto refused = runProgram("playhouse", {"--config", server.configurationFile().string()});
        CPPUNIT_ASSERT_EQUAL(78, refused.exitCode);
        assertHolds(refused.errors, "profile = production needs identity.secret (JWT_SECRET)");
        const auto weak = runProgram("playhouse", {"--config", server.configurationFile().string()},
                                     {{"JWT_SECRET", "your-secret-key"}});
        CPPUNIT_ASSERT_EQUAL(78, weak.exitCode);
        CPPUNIT_ASSERT(weak.errors.find("your-secret-key") == std::string::npos);
        const auto good = runProgram("playhouse", {"--check-config", "--config", server.configurationFile().string()},
                                     {{"JWT_SECRET", "c2VlIGhvdyByYW5kb20gdGhpcyBsb29rcw"}});
        CPPUNIT_ASSERT_EQUAL(0, good.exitCode);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenKeysServerTest);
