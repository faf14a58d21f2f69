#include "TokenFixture.h"

#include "../trust/KeyFiles.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using std::chrono::milliseconds;
using std::chrono::seconds;

class TokenIdentitiesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TokenIdentitiesTest);
    CPPUNIT_TEST(aTokenTellsWhoseItIs);
    CPPUNIT_TEST(whatNoTokenCanSayIsNotIssued);
    CPPUNIT_TEST(aKnownTokenIsVerifiedOnce);
    CPPUNIT_TEST(anEndedSessionIsRefusedAtOnce);
    CPPUNIT_TEST(earlierTokensOfAUserAreRefusedAndLaterOnesAreGood);
    CPPUNIT_TEST(endsAreRememberedAsLongAsTokensAreTaken);
    CPPUNIT_TEST(endsAreAnnouncedButThoseOfOthersAreNot);
    CPPUNIT_TEST(otherKeysTakeEffectAtOnce);
    CPPUNIT_TEST(otherRulesTakeEffectAtOnce);
    CPPUNIT_TEST(keysRotate);
    CPPUNIT_TEST(publicKeysAloneVerify);
    CPPUNIT_TEST(threadsShareIt);
    CPPUNIT_TEST_SUITE_END();

    static Identity ann() {
        Identity identity;
        identity.userId = "ann";
        identity.sessionId = "s1";
        identity.username = "Ann \"Ä\"";
        identity.tier = "gold";
        identity.roles = {"viewer", "admin"};
        return identity;
    }

    TokenHouse house_;

public:
    void setUp() override { CPPUNIT_ASSERT(house_.clock.elapsed().count() == 0); }

    void aTokenTellsWhoseItIs() {
        house_.clock.advance(milliseconds(1234));
        const auto read = house_.identities.verify(house_.identities.issue(ann(), seconds(60)));
        CPPUNIT_ASSERT_EQUAL(std::string("ann"), read.userId);
        CPPUNIT_ASSERT_EQUAL(std::string("s1"), read.sessionId);
        CPPUNIT_ASSERT_EQUAL(ann().username, read.username);
        CPPUNIT_ASSERT_EQUAL(std::string("gold"), read.tier);
        CPPUNIT_ASSERT(read.roles == ann().roles);
        CPPUNIT_ASSERT(read.issuedAt == house_.clock.now());
        CPPUNIT_ASSERT(read.expiresAt == house_.clock.now() + seconds(60));
        Identity plain;
        plain.userId = "bob";
        CPPUNIT_ASSERT(house_.identities.verify(house_.identities.issue(plain, seconds(1))).roles.empty());
        CPPUNIT_ASSERT(house_.identities.tokenLifetime() == std::chrono::days(7));
    }

    void whatNoTokenCanSayIsNotIssued() {
        auto& identities = house_.identities;
        CPPUNIT_ASSERT_THROW(identities.issue({}, seconds(1)), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(identities.issue(ann(), seconds(0)), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(identities.issue(ann(), seconds(-5)), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(identities.issue(ann(), seconds(1LL << 40)), std::invalid_argument);
        for (const auto& text : {std::string(257, 'a'), std::string("a\nb"), std::string("\xff")}) {
            auto odd = ann();
            odd.userId = text;
            CPPUNIT_ASSERT_THROW(identities.issue(odd, seconds(1)), std::invalid_argument);
            odd = ann();
            odd.roles = {text};
            CPPUNIT_ASSERT_THROW(identities.issue(odd, seconds(1)), std::invalid_argument);
        }
        auto many = ann();
        many.roles.assign(33, "r");
        CPPUNIT_ASSERT_THROW(identities.issue(many, seconds(1)), std::invalid_argument);
    }

    void aKnownTokenIsVerifiedOnce() {
        const auto token = house_.identities.issue(ann(), seconds(60));
        CPPUNIT_ASSERT(!house_.identities.known(token));
        for (int count = 0; count < 3; ++count) CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(token));
        CPPUNIT_ASSERT(house_.identities.known(token));
        CPPUNIT_ASSERT_EQUAL(1.0, house_.figure("playhouse_tokens_verified_total"));
        CPPUNIT_ASSERT_EQUAL(3.0, house_.figure("playhouse_token_cache_hits_total"));
        house_.clock.advance(seconds(90));
        CPPUNIT_ASSERT(!house_.identities.known(token));
    }

    void anEndedSessionIsRefusedAtOnce() {
        const auto cached = house_.identities.issue(ann(), seconds(60));
        const auto fresh = house_.identities.issue(ann(), seconds(61));
        auto other = ann();
        other.sessionId = "s2";
        const auto untouched = house_.identities.issue(other, seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(cached));
        house_.identities.endSession("s1", house_.clock.now() + seconds(61));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(cached));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(fresh));
        CPPUNIT_ASSERT(!house_.identities.known(cached));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(untouched));
        house_.identities.endSession("", house_.clock.now() + seconds(61));
        Identity sessionless;
        sessionless.userId = "bob";
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(house_.identities.issue(sessionless, seconds(60))));
    }

    void earlierTokensOfAUserAreRefusedAndLaterOnesAreGood() {
        const auto before = house_.identities.issue(ann(), seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(before));
        house_.clock.advance(milliseconds(1));
        house_.identities.endSessionsOf("ann", house_.clock.now() + std::chrono::microseconds(300),
                                        house_.clock.now() + seconds(60));
        const auto after = house_.identities.issue(ann(), seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(before));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(after));
    }

    void endsAreRememberedAsLongAsTokensAreTaken() {
        const auto token = house_.identities.issue(ann(), seconds(60));
        house_.identities.endSession("s1", house_.clock.now() + seconds(60));
        house_.clock.advance(milliseconds(89'999));
        // Another end is when those that are over are forgotten.
        house_.identities.endSession("s2", house_.clock.now() + seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(token));
        house_.identities.endSession("s9", TokenIdentities::Time::max());
        auto other = ann();
        other.sessionId = "s9";
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(house_.identities.issue(other, seconds(9))));
    }

    void endsAreAnnouncedButThoseOfOthersAreNot() {
        struct Heard final : SessionEndings {
            void sessionEnded(std::string_view sessionId, Time) noexcept override { what.emplace_back(sessionId); }
            void sessionsOfUserEnded(std::string_view userId, Time, Time) noexcept override {
                what.emplace_back(userId);
            }
            std::vector<std::string> what;
        } heard;
        const auto until = house_.clock.now() + seconds(60);
        const auto token = house_.identities.issue(ann(), seconds(60));
        house_.identities.announceTo(&heard);
        house_.identities.takeEndedSession("s1", until);
        house_.identities.takeEndedSessionsOf("bob", until, until);
        CPPUNIT_ASSERT(heard.what.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(token));
        house_.identities.endSession("s2", until);
        house_.identities.endSessionsOf("eve", until, until);
        CPPUNIT_ASSERT(heard.what == (std::vector<std::string>{"s2", "eve"}));
        house_.identities.announceTo(nullptr);
        house_.identities.endSession("s3", until);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, heard.what.size());
    }

    void otherKeysTakeEffectAtOnce() {
        const auto token = house_.identities.issue(ann(), seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(token));
        house_.identities.reconfigure(TokenKeys::ofSecret("another secret, of thirty-two bytes"), {});
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_SIGNATURE"), house_.codeOf(token));
        house_.identities.reconfigure(TokenKeys::ofSecret(testSecret), {});
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(token));
        // The same ones again keep what is known.
        house_.identities.reconfigure(TokenKeys::ofSecret(testSecret), {});
        CPPUNIT_ASSERT(house_.identities.known(token));
    }

    void otherRulesTakeEffectAtOnce() {
        const auto token = house_.identities.issue(ann(), seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house_.codeOf(token));
        TokenRules rules;
        rules.audience = "elsewhere";
        house_.identities.reconfigure(TokenKeys::ofSecret(testSecret), rules);
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_AUDIENCE"), house_.codeOf(token));
    }

    void keysRotate() {
        const KeyFiles files;
        const auto old = files.make("old", "EC -pkeyopt ec_paramgen_curve:P-256");
        const auto renewed = files.make("new", "EC -pkeyopt ec_paramgen_curve:P-256");
        TokenHouse house(TokenKeys::ofFiles({old.secret}));
        const auto before = house.identities.issue(ann(), seconds(60));
        house.identities.reconfigure(TokenKeys::ofFiles({renewed.secret, old.open}), {});
        const auto after = house.identities.issue(ann(), seconds(60));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house.codeOf(before));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house.codeOf(after));
        house.identities.reconfigure(TokenKeys::ofFiles({renewed.secret}), {});
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_SIGNATURE"), house.codeOf(before));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house.codeOf(after));
    }

    void publicKeysAloneVerify() {
        const KeyFiles files;
        const auto pair = files.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        TokenHouse issuer(TokenKeys::ofFiles({pair.secret}));
        TokenHouse verifier(TokenKeys::ofFiles({pair.open}));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), verifier.codeOf(issuer.identities.issue(ann(), seconds(60))));
        try {
            verifier.identities.issue(ann(), seconds(60));
            CPPUNIT_FAIL("issued without a private key");
        } catch (const ApiError& refusal) {
            CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_KEY_MISSING"), refusal.code());
        }
    }

    void threadsShareIt() {
        std::vector<std::string> tokens;
        for (int count = 0; count < 50; ++count) {
            auto identity = ann();
            identity.sessionId = "session-" + std::to_string(count);
            tokens.push_back(house_.identities.issue(identity, seconds(60)));
        }
        std::atomic<int> wrong{0};
        std::vector<std::thread> threads;
        for (int index = 0; index < 8; ++index)
            threads.emplace_back([&, index] {
                for (std::size_t at = 0; at < 400; ++at) {
                    const auto which = (at * 7 + static_cast<std::size_t>(index)) % tokens.size();
                    if (index == 0 && at % 40 == 0)
                        house_.identities.reconfigure(TokenKeys::ofSecret(testSecret), {.lifetime = seconds(at + 1)});
                    if (index == 1 && at == 200)
                        house_.identities.endSession("session-0", house_.clock.now() + seconds(60));
                    const auto code = house_.codeOf(tokens[which]);
                    if (code != "good" && !(which == 0 && code == "TOKEN_REVOKED")) ++wrong;
                }
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_REVOKED"), house_.codeOf(tokens[0]));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenIdentitiesTest);
