#include "KeyFiles.h"
#include "trust/LibrarySignature.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sys/stat.h>
#include <algorithm>
#include <filesystem>
#include <iterator>

using namespace playhouse::host;

/// Signatures are those of `openssl pkeyutl`, and bad keys are refused by a message that names their file.
class LibrarySignatureTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LibrarySignatureTest);
    CPPUNIT_TEST(signsAsOpensslDoes);
    CPPUNIT_TEST(opensslVerifiesWhatWasSigned);
    CPPUNIT_TEST(aSignatureHoldsForOneKeyAndOneContent);
    CPPUNIT_TEST(signingAgainReplacesTheSignatureAndLeavesNothingElse);
    CPPUNIT_TEST(refusesToSignWithWhatIsNoKeyForIt);
    CPPUNIT_TEST(refusesToSignWhatIsNoLibrary);
    CPPUNIT_TEST(refusesWhatIsNoPublicKey);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;

    static std::string content(const std::filesystem::path& file) { return readWhole(file, 1 << 20); }

    void expectSigningRefused(const std::filesystem::path& key, const std::string& text) const {
        const auto problem = KeyFiles::problemOf([&] { signLibrary(files_.library(), key); });
        CPPUNIT_ASSERT_MESSAGE(problem, problem.find(key.string()) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(problem + " does not say " + text, problem.find(text) != std::string::npos);
        CPPUNIT_ASSERT(!std::filesystem::exists(signatureOf(files_.path("plugin.so"))));
    }

    static void expectKeyRefused(const std::filesystem::path& key, const std::string& text) {
        const auto problem = KeyFiles::problemOf([&] { const TrustedKey refused(key); });
        CPPUNIT_ASSERT_MESSAGE(problem, problem.find(key.string()) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(problem + " does not say " + text, problem.find(text) != std::string::npos);
    }

public:
    void signsAsOpensslDoes() {
        const auto key = files_.make("key");
        const auto library = files_.library();
        const auto byOpenssl = files_.path("by-openssl.sig");
        runCommand("openssl pkeyutl -sign -rawin -inkey " + key.secret.string() + " -in " + library.string() +
                   " -out " + byOpenssl.string());
        signLibrary(library, key.secret);
        CPPUNIT_ASSERT_EQUAL(library.string() + ".sig", signatureOf(library).string());
        CPPUNIT_ASSERT_EQUAL(signatureSize, content(signatureOf(library)).size());
        CPPUNIT_ASSERT(content(byOpenssl) == content(signatureOf(library)));
    }

    void opensslVerifiesWhatWasSigned() {
        const auto key = files_.make("key");
        const auto library = files_.library();
        signLibrary(library, key.secret);
        runCommand("openssl pkeyutl -verify -rawin -pubin -inkey " + key.open.string() + " -in " + library.string() +
                   " -sigfile " + signatureOf(library).string() + " >/dev/null");
    }

    void aSignatureHoldsForOneKeyAndOneContent() {
        const auto key = files_.make("key");
        const auto library = files_.library();
        signLibrary(library, key.secret);
        auto signature = content(signatureOf(library));
        const TrustedKey trusted(key.open);
        CPPUNIT_ASSERT(trusted.verifies(content(library), signature));
        CPPUNIT_ASSERT(!trusted.verifies(content(library) + " ", signature));
        CPPUNIT_ASSERT(!trusted.verifies("", signature));
        CPPUNIT_ASSERT(!TrustedKey(files_.make("another").open).verifies(content(library), signature));
        CPPUNIT_ASSERT(!trusted.verifies(content(library), ""));
        CPPUNIT_ASSERT(!trusted.verifies(content(library), signature + "x"));
        signature[40] = static_cast<char>(signature[40] ^ 1);
        CPPUNIT_ASSERT(!trusted.verifies(content(library), signature));
    }

    void signingAgainReplacesTheSignatureAndLeavesNothingElse() {
        const auto library = files_.library();
        signLibrary(library, files_.make("old").secret);
        const auto before = content(signatureOf(library));
        const auto key = files_.make("new");
        signLibrary(library, key.secret);
        CPPUNIT_ASSERT(before != content(signatureOf(library)));
        CPPUNIT_ASSERT(TrustedKey(key.open).verifies(content(library), content(signatureOf(library))));
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(signatureOf(library).c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(0644U, status.st_mode & 0777);
        // Two pairs of keys, the library, its signature.
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{6},
                             std::distance(std::filesystem::directory_iterator(library.parent_path()), {}));
    }

    void refusesToSignWithWhatIsNoKeyForIt() {
        expectSigningRefused(files_.path("absent.pem"), "No such file");
        expectSigningRefused(files_.write("notes.pem", "no key"), "holds no private key in PEM");
        expectSigningRefused(files_.make("rsa", "rsa -pkeyopt rsa_keygen_bits:2048").secret, "of the type RSA");
        expectSigningRefused(files_.make("x25519", "x25519").secret, "of the type X25519");
        expectSigningRefused(files_.make("key").open, "holds no private key in PEM");
        const auto encrypted = files_.path("encrypted.pem");
        runCommand("openssl genpkey -algorithm ed25519 -aes256 -pass pass:secret -out " + encrypted.string());
        expectSigningRefused(encrypted, "is encrypted; sign with it by: openssl pkeyutl");
    }

    void refusesToSignWhatIsNoLibrary() {
        const auto key = files_.make("key");
        const auto signing = [&](const std::filesystem::path& library) {
            return KeyFiles::problemOf([&] { signLibrary(library, key.secret); });
        };
        CPPUNIT_ASSERT(signing(files_.write("notes.txt", "text")).find("not a shared library") != std::string::npos);
        CPPUNIT_ASSERT(signing(files_.path("absent.so")).find("No such file") != std::string::npos);
        std::filesystem::create_directory(files_.path("folder"));
        CPPUNIT_ASSERT(signing(files_.path("folder")).find("not a regular file") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(files_.path("pipe").c_str(), 0600));
        CPPUNIT_ASSERT(signing(files_.path("pipe")).find("not a regular file") != std::string::npos);
        const auto library = files_.library();
        std::filesystem::create_directories(signatureOf(library));
        CPPUNIT_ASSERT(signing(library).find("cannot write " + signatureOf(library).string()) != std::string::npos);
    }

    void refusesWhatIsNoPublicKey() {
        expectKeyRefused(files_.path("absent.pem"), "No such file");
        expectKeyRefused(files_.write("notes.pem", "no key"), "holds no public key in PEM");
        expectKeyRefused(files_.write("empty.pem", ""), "holds no public key in PEM");
        expectKeyRefused(files_.make("rsa", "rsa -pkeyopt rsa_keygen_bits:2048").open, "of the type RSA");
        expectKeyRefused(files_.make("ed448", "ed448").open, "of the type ED448");
        const auto key = files_.make("key");
        expectKeyRefused(key.secret, "openssl pkey -in " + key.secret.string() + " -pubout");
        expectKeyRefused(files_.write("two.pem", content(key.open) + content(files_.make("another").open)),
                         "more than one key");
        expectKeyRefused(files_.write("large.pem", std::string(1 << 20, 'x')), "has more than");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LibrarySignatureTest);
