#include "PasswordHasher.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>

#include <argon2.h>
#include <dlfcn.h>

namespace {

// The work of Argon2 is asked for by this one function of the library, which the test stands before.
struct VerifiedWork {
    int calls = 0;
    std::string parameters;
    std::size_t passwordBytes = 0;

    friend bool operator==(const VerifiedWork&, const VerifiedWork&) = default;
};
VerifiedWork verifiedWork;

}  // namespace

extern "C" int argon2id_verify(const char* encoded, const void* password, std::size_t bytes) {
    ++verifiedWork.calls;
    const std::string text(encoded);
    verifiedWork.parameters = text.substr(0, text.find('$', text.find("$m=") + 1));
    verifiedWork.passwordBytes = bytes;
    static const auto real =
        reinterpret_cast<int (*)(const char*, const void*, std::size_t)>(dlsym(RTLD_NEXT, "argon2id_verify"));
    return real(encoded, password, bytes);
}

namespace playhouse::auth {

class PasswordHasherTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PasswordHasherTest);
    CPPUNIT_TEST(onlyThePasswordItselfIsVerified);
    CPPUNIT_TEST(samePasswordHasAnotherHashEachTime);
    CPPUNIT_TEST(hashTellsItsParameters);
    CPPUNIT_TEST(whatIsNoHashVerifiesNothing);
    CPPUNIT_TEST(nulAndLongPasswordsCountWhole);
    CPPUNIT_TEST(otherParametersAreOutdatedAndStillVerified);
    CPPUNIT_TEST(nobodyTakesTheWorkOfAWrongPassword);
    CPPUNIT_TEST(impossibleParametersAreRefused);
    CPPUNIT_TEST_SUITE_END();

    HashingThreads threads_{1};
    const PasswordHasher hasher_{{.memory = 64, .passes = 1, .lanes = 1}, threads_};

    void onlyThePasswordItselfIsVerified() {
        const auto hash = hasher_.hash("viola-97");
        CPPUNIT_ASSERT(hasher_.verify("viola-97", hash));
        for (const auto* wrong : {"viola-98", "viola-9", "viola-97 ", ""}) CPPUNIT_ASSERT(!hasher_.verify(wrong, hash));
    }

    void samePasswordHasAnotherHashEachTime() { CPPUNIT_ASSERT(hasher_.hash("a") != hasher_.hash("a")); }

    void hashTellsItsParameters() {
        CPPUNIT_ASSERT(PasswordHasher({}, threads_).hash("a").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    void whatIsNoHashVerifiesNothing() {
        for (const auto* text : {"", "$argon2id$", "viola-97", "$2b$12$abcdefghijklmnopqrstuu",
                                 "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA"})
            CPPUNIT_ASSERT(!hasher_.verify("viola-97", text));
    }

    void nulAndLongPasswordsCountWhole() {
        using namespace std::string_literals;
        CPPUNIT_ASSERT(!hasher_.verify("abc\0x"s, hasher_.hash("abc\0y"s)));
        const std::string common(512, 'a');
        CPPUNIT_ASSERT(!hasher_.verify(common + "x", hasher_.hash(common + "y")));
    }

    void otherParametersAreOutdatedAndStillVerified() {
        const auto hash = hasher_.hash("viola-97");
        CPPUNIT_ASSERT(!hasher_.isOutdated(hash));
        for (const PasswordHasher::Parameters other : {PasswordHasher::Parameters{65, 1, 1}, {64, 2, 1}, {64, 1, 2}}) {
            const PasswordHasher later(other, threads_);
            CPPUNIT_ASSERT(later.isOutdated(hash));
            CPPUNIT_ASSERT(later.verify("viola-97", hash));
        }
    }

    void nobodyTakesTheWorkOfAWrongPassword() {
        const auto hash = hasher_.hash("viola-97");
        verifiedWork = {};
        CPPUNIT_ASSERT(!hasher_.verify("viola-98", hash));
        const auto wrong = verifiedWork;
        verifiedWork = {};
        hasher_.verifyNobody("viola-98");
        CPPUNIT_ASSERT_EQUAL(1, wrong.calls);
        CPPUNIT_ASSERT(wrong == verifiedWork);
    }

    void impossibleParametersAreRefused() {
        for (const PasswordHasher::Parameters bad : {PasswordHasher::Parameters{64, 0, 1}, {64, 1, 0}, {1, 1, 1}})
            CPPUNIT_ASSERT_THROW(PasswordHasher(bad, threads_), std::invalid_argument);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PasswordHasherTest);

}  // namespace playhouse::auth
