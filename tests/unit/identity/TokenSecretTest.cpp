#include "identity/TokenSecret.h"

#include "../trust/KeyFiles.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>

#include <set>
#include <thread>
#include <vector>

using namespace playhouse::host;

class TokenSecretTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TokenSecretTest);
    CPPUNIT_TEST(oneIsMadeAndKeptForItsOwnerAlone);
    CPPUNIT_TEST(whoeverIsFirstDecides);
    CPPUNIT_TEST(oneThatOthersMayReadIsRefused);
    CPPUNIT_TEST(aBrokenOneIsRefusedAndKept);
    CPPUNIT_TEST(oneThatCannotBeMadeIsRefused);
    CPPUNIT_TEST(weakSecretsAreTold);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;
    const std::filesystem::path file_ = files_.path("storage/token-secret");

    std::string problem() const {
        return KeyFiles::problemOf([this] { keptSecret(file_); });
    }

public:
    void oneIsMadeAndKeptForItsOwnerAlone() {
        const auto made = keptSecret(file_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{64}, made.size());
        CPPUNIT_ASSERT_EQUAL(made, keptSecret(file_));
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(file_.c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t{0600}, static_cast<mode_t>(status.st_mode & 07777));
        CPPUNIT_ASSERT(made != randomSecret());
        CPPUNIT_ASSERT_EQUAL(std::string(), weaknessOf(made));
        const std::filesystem::directory_iterator left(file_.parent_path());
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, std::distance(begin(left), end(left)));
    }

    void whoeverIsFirstDecides() {
        for (int round = 0; round < 20; ++round) {
            std::filesystem::remove(file_);
            std::vector<std::string> got(4);
            std::vector<std::thread> threads;
            for (auto& secret : got) threads.emplace_back([&] { secret = keptSecret(file_); });
            for (auto& thread : threads) thread.join();
            const auto kept = keptSecret(file_);
            for (const auto& secret : got) CPPUNIT_ASSERT_EQUAL(kept, secret);
        }
    }

    void oneThatOthersMayReadIsRefused() {
        const auto secret = keptSecret(file_);
        for (const auto mode : {0640, 0604, 0660, 0644}) {
            ::chmod(file_.c_str(), static_cast<mode_t>(mode));
            CPPUNIT_ASSERT_MESSAGE(problem(),
                                   problem().find("others than its owner may read it: chmod 600") != std::string::npos);
            CPPUNIT_ASSERT(problem().find(secret) == std::string::npos);
        }
    }

    void aBrokenOneIsRefusedAndKept() {
        const auto secret = keptSecret(file_);
        for (const auto& content : {std::string(), std::string("x"), secret, secret.substr(1) + "\n", secret + "\n\n",
                                    secret + secret, "G" + secret.substr(1) + "\n"}) {
            files_.write("storage/token-secret", content);
            CPPUNIT_ASSERT_MESSAGE(content, problem().find("does not hold the secret") != std::string::npos);
        }
        std::filesystem::remove(file_);
        std::filesystem::create_directory(file_);
        CPPUNIT_ASSERT_MESSAGE(problem(), problem().find("token-secret is no file") != std::string::npos);
    }

    void oneThatCannotBeMadeIsRefused() {
        files_.write("plain", "");
        const auto problem = KeyFiles::problemOf([this] { keptSecret(files_.path("plain/token-secret")); });
        CPPUNIT_ASSERT_MESSAGE(problem, problem.find("plain/token-secret cannot be") != std::string::npos);
    }

    void weakSecretsAreTold() {
        CPPUNIT_ASSERT_EQUAL(std::string(), weaknessOf("c2VlIGhvdyByYW5kb20gdGhpcyBsb29rcw"));
        for (const auto* known : {"your-secret-key", "Your_Secret_Key_that_is_made_longer_for_looks", "change-me",
                                  "a-string-secret-at-least-256-bits-long-changeme", "your-256-bit-secret"})
            CPPUNIT_ASSERT_EQUAL(std::string("it holds one that everybody knows"), weaknessOf(known));
        CPPUNIT_ASSERT_EQUAL(std::string("it is shorter than 32 bytes"), weaknessOf("0123456789abcdef0123456789abcde"));
        CPPUNIT_ASSERT_EQUAL(std::string(), weaknessOf("0123456789abcdef0123456789abcdef"));
        CPPUNIT_ASSERT_EQUAL(std::string("it has fewer than 8 different characters"),
                             weaknessOf("abababababababababababababababababab"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenSecretTest);
