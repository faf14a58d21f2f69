#include "KeyFiles.h"
#include "plugins/PluginError.h"
#include "trust/LibraryTrust.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace playhouse::host;

/// Where signatures are required, only a library that a trusted key signed is let through.
class LibraryTrustTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LibraryTrustTest);
    CPPUNIT_TEST(acceptsWhatAnyOfTheKeysSigned);
    CPPUNIT_TEST(refusesWhatIsNotSigned);
    CPPUNIT_TEST(refusesWhatWasChanged);
    CPPUNIT_TEST(refusesWhatAnotherKeySigned);
    CPPUNIT_TEST(refusesWhatIsNoSignature);
    CPPUNIT_TEST(acceptsEverythingWhereNoneIsRequired);
    CPPUNIT_TEST(isNotMadeWithoutGoodKeys);
    CPPUNIT_TEST(usesTheKeysAsTheyWereWhenItWasMade);
    CPPUNIT_TEST_SUITE_END();

    const KeyFiles files_;

    /// As if `library` had been copied from "/plugins/chat.so".
    static std::string refusalOf(const LibraryTrust& trust, const std::filesystem::path& library) {
        try {
            trust.check(library, "/plugins/chat.so");
        } catch (const PluginError& refusal) {
            CPPUNIT_ASSERT_EQUAL(std::string("SIGNATURE_REFUSED"), refusal.code());
            const std::string text = refusal.what();
            CPPUNIT_ASSERT_MESSAGE(text, text.find("/plugins/chat.so is refused") != std::string::npos);
            return text;
        }
        return {};
    }

    static void expectSays(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE(text + " does not say " + part, text.find(part) != std::string::npos);
    }

public:
    void acceptsWhatAnyOfTheKeysSigned() {
        const auto first = files_.make("first");
        const auto second = files_.make("second");
        const LibraryTrust trust(true, {first.open, second.open});
        const auto library = files_.library();
        for (const auto& key : {first, second}) {
            signLibrary(library, key.secret);
            CPPUNIT_ASSERT_EQUAL(std::string(), refusalOf(trust, library));
        }
    }

    void refusesWhatIsNotSigned() {
        const auto refusal = refusalOf(LibraryTrust(true, {files_.make("key").open}), files_.library());
        expectSays(refusal, "there is no /plugins/chat.so.sig");
        expectSays(refusal, "playhousectl sign /plugins/chat.so --key");
    }

    void refusesWhatWasChanged() {
        const auto key = files_.make("key");
        const LibraryTrust trust(true, {key.open});
        signLibrary(files_.library(), key.secret);
        expectSays(refusalOf(trust, files_.library("\177ELF and something else")), "was changed after it was signed");
        expectSays(refusalOf(trust, files_.library("")), "was changed after it was signed");
    }

    void refusesWhatAnotherKeySigned() {
        const auto trusted = files_.make("trusted");
        const auto library = files_.library();
        signLibrary(library, files_.make("stranger").secret);
        const auto refusal = refusalOf(LibraryTrust(true, {trusted.open}), library);
        expectSays(refusal, "by none of the trusted keys (" + trusted.open.string() + ")");
        expectSays(refusal, "plugins.trusted-keys");
    }

    void refusesWhatIsNoSignature() {
        const auto key = files_.make("key");
        const LibraryTrust trust(true, {key.open});
        const auto library = files_.library();
        for (const auto& content : {std::string(), std::string(63, 'x'), std::string(65, 'x')}) {
            files_.write("plugin.so.sig", content);
            expectSays(refusalOf(trust, library), "/plugins/chat.so.sig is no Ed25519 signature");
        }
        files_.write("plugin.so.sig", std::string(64, '\0'));
        expectSays(refusalOf(trust, library), "by none of the trusted keys");
        files_.write("plugin.so.sig", std::string(1000, 'x'));
        expectSays(refusalOf(trust, library), "has more than");
        std::filesystem::remove(files_.path("plugin.so.sig"));
        std::filesystem::create_directory(files_.path("plugin.so.sig"));
        expectSays(refusalOf(trust, library), "not a regular file");
    }

    void acceptsEverythingWhereNoneIsRequired() {
        const LibraryTrust trust(false, {files_.make("key").open});
        CPPUNIT_ASSERT(!trust.required());
        CPPUNIT_ASSERT_EQUAL(std::string(), refusalOf(trust, files_.library()));
    }

    void isNotMadeWithoutGoodKeys() {
        expectSays(KeyFiles::problemOf([] { LibraryTrust(true, {}); }), "plugins.trusted-keys names no key");
        const auto bad = files_.write("bad.pem", "");
        expectSays(KeyFiles::problemOf([&] { LibraryTrust(false, {files_.make("key").open, bad}); }), bad.string());
    }

    void usesTheKeysAsTheyWereWhenItWasMade() {
        const auto key = files_.make("key");
        const LibraryTrust trust(true, {key.open});
        const auto library = files_.library();
        signLibrary(library, key.secret);
        std::filesystem::remove(key.open);
        CPPUNIT_ASSERT_EQUAL(std::string(), refusalOf(trust, library));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LibraryTrustTest);
