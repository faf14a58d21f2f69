#include "TokenFixture.h"

#include "../trust/KeyFiles.h"
#include "identity/Base64Url.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/serialize.hpp>

#include <Poco/JWT/Token.h>

#include <sys/stat.h>

#include <atomic>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;

class TokenKeysTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TokenKeysTest);
    CPPUNIT_TEST(curveKeysAreShownWithoutTheirSecret);
    CPPUNIT_TEST(aSecretIsNotShown);
    CPPUNIT_TEST(everySignatureIsGood);
    CPPUNIT_TEST(twoThreadsSignAtOnce);
    CPPUNIT_TEST(filesThatAreNoKeysAreRefused);
    CPPUNIT_TEST(keysOfOtherKindsAreRefused);
    CPPUNIT_TEST(encryptedKeysAreRefused);
    CPPUNIT_TEST(aKeyThatEverybodyMayReadIsWarnedOf);
    CPPUNIT_TEST(base64UrlHasOneSpelling);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;

    static std::string problemOf(const std::filesystem::path& file) {
        return KeyFiles::problemOf([&] { static_cast<void>(TokenKeys::ofFiles({file})); });
    }
    static void holds(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
    }

public:
    /// RFC 7517, with the key id of RFC 7638. The key is the one of RFC 7517 appendix A.1.
    void curveKeysAreShownWithoutTheirSecret() {
        const auto file = files_.write("rfc.pem",
                                       "-----BEGIN PUBLIC KEY-----\n"
                                       "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A\n"
                                       "iTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==\n"
                                       "-----END PUBLIC KEY-----\n");
        const auto shown = TokenKeys::ofFiles({file})->publicKeys();
        const auto& key = shown.at("keys").at(0).as_object();
        CPPUNIT_ASSERT(key.at("x").as_string() == "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
        CPPUNIT_ASSERT(key.at("y").as_string() == "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        CPPUNIT_ASSERT(key.at("kid").as_string() == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
        const auto pair = files_.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        const auto own = TokenKeys::ofFiles({pair.secret})->publicKeys();
        CPPUNIT_ASSERT(own == TokenKeys::ofFiles({pair.open})->publicKeys());
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, own.at("keys").at(0).as_object().size());
        CPPUNIT_ASSERT(!own.at("keys").at(0).as_object().contains("d"));
    }

    void aSecretIsNotShown() {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"keys":[]})"),
                             boost::json::serialize(TokenKeys::ofSecret(testSecret)->publicKeys()));
    }

    /// Two threads that do nothing else meet the moment that Poco did not survive within some seconds at the most.
    void twoThreadsSignAtOnce() {
        constexpr int count = 60'000;
        const auto keys = TokenKeys::ofSecret(testSecret);
        Poco::JWT::Token token;
        token.setSubject("ann");
        const auto expected = keys->sign(token);
        std::atomic<int> good{0};
        const auto sign = [&] {
            for (int number = 0; number < count; ++number) good += keys->sign(token) == expected ? 1 : 0;
        };
        std::thread other(sign);
        sign();
        other.join();
        CPPUNIT_ASSERT_EQUAL(2 * count, good.load());
    }

    /// One of 128 has a number that begins with zeros, which must not be left out (RFC 7518 section 3.4).
    void everySignatureIsGood() {
        const auto pair = files_.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        TokenHouse house(TokenKeys::ofFiles({pair.secret}));
        Identity identity;
        identity.userId = "ann";
        for (int count = 0; count < 1000; ++count)
            CPPUNIT_ASSERT_EQUAL(std::string("good"),
                                 house.codeOf(house.identities.issue(identity, std::chrono::seconds(60))));
    }

    void filesThatAreNoKeysAreRefused() {
        holds(problemOf(files_.path("absent.pem")), "absent.pem cannot be read: No such file");
        holds(problemOf(files_.write("broken.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
              "broken.pem is no PEM file of a private or public key");
        holds(problemOf(files_.write("empty.pem", "")), "is no PEM file");
        holds(problemOf(files_.path("")), "is no PEM file");
    }

    void keysOfOtherKindsAreRefused() {
        holds(problemOf(files_.make("ed").secret), "ed.pem holds no key on the curve P-256; make one with: openssl");
        holds(problemOf(files_.make("p384", "EC -pkeyopt ec_paramgen_curve:P-384").open), "holds no key on the curve");
        holds(problemOf(files_.make("rsa", "RSA").secret), "holds no key on the curve");
        holds(problemOf(files_.make("k1", "EC -pkeyopt ec_paramgen_curve:secp256k1").secret), "holds no key on the");
    }

    void encryptedKeysAreRefused() {
        const auto pair = files_.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        runCommand("openssl pkey -aes256 -passout pass:hush -in " + pair.secret.string() + " -out " +
                   files_.path("locked.pem").string());
        holds(problemOf(files_.path("locked.pem")), "locked.pem is encrypted");
    }

    void aKeyThatEverybodyMayReadIsWarnedOf() {
        const auto pair = files_.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        ::chmod(pair.secret.c_str(), 0600);
        CPPUNIT_ASSERT(TokenKeys::ofFiles({pair.secret, pair.open})->warnings().empty());
        ::chmod(pair.secret.c_str(), 0644);
        holds(TokenKeys::ofFiles({pair.secret})->warnings().at(0), "Everybody on this machine may read");
    }

    /// RFC 7515 appendix C.
    void base64UrlHasOneSpelling() {
        CPPUNIT_ASSERT_EQUAL(std::string("A-z_4ME"), base64UrlEncoded("\x03\xec\xff\xe0\xc1"));
        CPPUNIT_ASSERT(base64UrlDecoded("A-z_4ME") == "\x03\xec\xff\xe0\xc1");
        CPPUNIT_ASSERT(base64UrlDecoded("") == "");
        for (const auto* text : {"A", "A-z_4MF", "A-z_4ME=", "A+z/4ME", "A-z_ 4ME", "A-z_4ME\n", "\xff\xff"})
            CPPUNIT_ASSERT_MESSAGE(text, !base64UrlDecoded(text));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenKeysTest);
