#include "TokenFixture.h"

#include "../trust/KeyFiles.h"
#include "identity/Base64Url.h"

#include <Poco/Crypto/ECKey.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;

/// Every way in which a token is not good, with its code.
class RefusedTokensTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RefusedTokensTest);
    CPPUNIT_TEST(aForgedTokenOfTheRightFormIsGood);
    CPPUNIT_TEST(whatIsNoTokenIsMalformed);
    CPPUNIT_TEST(truncatedTokensAreRefused);
    CPPUNIT_TEST(hugeTokensAreNotLookedAt);
    CPPUNIT_TEST(noOtherAlgorithmIsAccepted);
    CPPUNIT_TEST(aPublicKeyIsNoSecret);
    CPPUNIT_TEST(anotherSecretIsRefused);
    CPPUNIT_TEST(anotherSpellingOfASignatureIsRefused);
    CPPUNIT_TEST(unknownKeyIdsAreRefused);
    CPPUNIT_TEST(membersThatComeTwiceAreRefused);
    CPPUNIT_TEST(claimsOfAnotherFormAreRefused);
    CPPUNIT_TEST(issuerAndAudienceHaveToBeOurs);
    CPPUNIT_TEST(criticalHeadersAreRefused);
    CPPUNIT_TEST(timesCountToTheirEdges);
    CPPUNIT_TEST(refusalsAreCountedByCode);
    CPPUNIT_TEST_SUITE_END();

    const TokenHouse house_;

    std::string claimsWith(const std::string& more) const {
        return R"({"iss":"playhouse","aud":"playhouse","iat":1704067200,"exp":1704070800,)" + more + "}";
    }
    std::string codeOfClaims(const std::string& claims) const { return house_.codeOf(forged(goodHeader, claims)); }

    void isRefused(const std::string& code, const std::string& token) const {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(token.substr(0, 120), code, house_.codeOf(token));
    }

public:
    void aForgedTokenOfTheRightFormIsGood() { isRefused("good", forged(goodHeader, goodClaims)); }

    void whatIsNoTokenIsMalformed() {
        const auto good = forged(goodHeader, goodClaims);
        for (const auto& token : std::vector<std::string>{"",
                                                          ".",
                                                          "..",
                                                          "...",
                                                          "a.b",
                                                          "a.b.c",
                                                          "x" + good,
                                                          good + "=",
                                                          good + ".",
                                                          good + ".x",
                                                          "." + good,
                                                          " " + good,
                                                          good + "\n",
                                                          forged("[]", goodClaims),
                                                          forged("{", goodClaims),
                                                          forged("{}", goodClaims),
                                                          forged(R"({"alg":1})", goodClaims),
                                                          forged(goodHeader, "1"),
                                                          forged(goodHeader, "{}"),
                                                          forged(goodHeader, ""),
                                                          forged(R"({"alg":"HS256","kid":7})", goodClaims),
                                                          forged(goodHeader, std::string(goodClaims) + "x"),
                                                          forged(goodHeader, "{\"sub\":\"\xff\"}"),
                                                          forged(goodHeader, R"({"a":[[[[[[[[[[[]]]]]]]]]]]})")})
            isRefused("TOKEN_MALFORMED", token);
    }

    void truncatedTokensAreRefused() {
        const auto good = forged(goodHeader, goodClaims);
        for (std::size_t size = 0; size < good.size(); ++size)
            CPPUNIT_ASSERT(house_.codeOf(good.substr(0, size)) != "good");
    }

    void hugeTokensAreNotLookedAt() {
        isRefused("TOKEN_MALFORMED", std::string(1024 * 1024, 'a'));
        isRefused("TOKEN_MALFORMED",
                  forged(goodHeader, claimsWith(R"("sub":")" + std::string(1024 * 1024, 'a') + "\"")));
        isRefused("TOKEN_MALFORMED", std::string(1024 * 1024, '.'));
    }

    void noOtherAlgorithmIsAccepted() {
        for (const auto* header :
             {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"hs256"})", R"({"alg":"Hs256"})",
              R"({"alg":"HS384"})", R"({"alg":"HS512"})", R"({"alg":"ES256"})", R"({"alg":"RS256"})", R"({"alg":""})",
              R"({"alg":"HS256 "})", R"({"alg":"HS256\u0000"})"})
            isRefused("TOKEN_ALGORITHM", forged(header, goodClaims));
        const auto unsignedToken = base64UrlEncoded(R"({"alg":"none"})") + "." + base64UrlEncoded(goodClaims) + ".";
        isRefused("TOKEN_ALGORITHM", unsignedToken);
        const auto signedByNothing = base64UrlEncoded(goodHeader) + "." + base64UrlEncoded(goodClaims) + ".";
        isRefused("TOKEN_SIGNATURE", signedByNothing);
    }

    /// Who knows the public key, which is everybody, must not be able to sign with it as a secret.
    void aPublicKeyIsNoSecret() {
        const KeyFiles files;
        const auto pair = files.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        const TokenHouse curve(TokenKeys::ofFiles({pair.secret}));
        std::ostringstream pem;
        pem << std::ifstream(pair.open).rdbuf();
        for (const auto& secret : {pem.str(), pem.str().substr(0, pem.str().size() - 1)}) {
            CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_ALGORITHM"), curve.codeOf(forged(goodHeader, goodClaims, secret)));
            CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_SIGNATURE"),
                                 curve.codeOf(forged(R"({"alg":"ES256"})", goodClaims, secret)));
        }
    }

    void anotherSecretIsRefused() {
        isRefused("TOKEN_SIGNATURE", forged(goodHeader, goodClaims, "another secret of thirty-two bytes"));
        const auto good = forged(goodHeader, goodClaims);
        const auto other = forged(goodHeader, claimsWith(R"("sub":"eve")"));
        isRefused("TOKEN_SIGNATURE", other.substr(0, other.rfind('.')) + good.substr(good.rfind('.')));
    }

    /// The last letter of 32 bytes in base64 has two bits to spare.
    void anotherSpellingOfASignatureIsRefused() {
        auto token = forged(goodHeader, goodClaims);
        const std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        token.back() = letters[letters.find(token.back()) + 1];
        isRefused("TOKEN_MALFORMED", token);
    }

    /// A token names its key, and another key is not tried, even if it is the right one.
    void unknownKeyIdsAreRefused() {
        const KeyFiles files;
        const auto pair = files.make("key", "EC -pkeyopt ec_paramgen_curve:P-256");
        const auto keys = TokenKeys::ofFiles({pair.secret});
        const TokenHouse curve(keys);
        const Poco::JWT::Signer signer(
            Poco::SharedPtr<Poco::Crypto::ECKey>(new Poco::Crypto::ECKey("", pair.secret.string())));
        Identity identity;
        identity.userId = "ann";
        const auto codeWith = [&](const std::optional<std::string>& keyId) {
            auto token = makeToken(identity, {}, curve.clock.now(), std::chrono::seconds(60));
            if (keyId) token.header().set("kid", *keyId);
            return curve.codeOf(signer.sign(token, Poco::JWT::Signer::ALGO_ES256));
        };
        const auto shown = keys->publicKeys();
        CPPUNIT_ASSERT_EQUAL(std::string("good"), codeWith(std::string(shown.at("keys").at(0).at("kid").as_string())));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), codeWith(std::nullopt));
        for (const auto* unknown : {"other", "", "../../etc/passwd"})
            CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_SIGNATURE"), codeWith(unknown));
    }

    void membersThatComeTwiceAreRefused() {
        isRefused("TOKEN_MALFORMED", forged(goodHeader, claimsWith(R"("sub":"ann","sub":"eve")")));
        isRefused("TOKEN_MALFORMED", forged(goodHeader, claimsWith(R"("sub":"ann","s\u0075b":"eve")")));
        isRefused("TOKEN_MALFORMED", forged(goodHeader, claimsWith(R"("sub":"ann","x":{"a":1,"a":2})")));
        isRefused("TOKEN_MALFORMED", forged(R"({"alg":"HS256","alg":"none"})", goodClaims));
        isRefused("good", forged(goodHeader, claimsWith(R"("sub":"ann","x":{"sub":1},"y":[{"a":1},{"a":2}])")));
    }

    void claimsOfAnotherFormAreRefused() {
        const auto claims = [](const std::string& times) {
            return R"({"iss":"playhouse","aud":"playhouse","sub":"ann",)" + times + "}";
        };
        for (const auto* times :
             {R"("iat":1704067200)", R"("exp":1704070800)", R"("iat":1704067200,"exp":"1704070800")",
              R"("iat":"1704067200","exp":1704070800)", R"("iat":1704067200,"exp":9007199254740993)",
              R"("iat":1704067200,"exp":18446744073709551615)", R"("iat":1704067200,"exp":1e300)",
              R"("iat":1704067200,"exp":-1)", R"("iat":1704067200,"exp":null)", R"("iat":1704067200,"exp":9000000001)",
              R"("iat":1704067200,"exp":1704070800,"nbf":"0")"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(times, std::string("TOKEN_MALFORMED"), codeOfClaims(claims(times)));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), codeOfClaims(claims(R"("iat":1704067200.5,"exp":9000000000)")));
        for (const auto* who :
             {R"("sub":"")", R"("sub":7)", R"("sub":null)", R"("x":1)", R"("sub":"a","roles":"admin")",
              R"("sub":"a","roles":[1])", R"("sub":"a","roles":{"admin":true})", R"("sub":"a","sid":1)",
              R"("sub":"a\u000ab")", R"("sub":"a","name":["x"])", R"("sub":"a","tier":0)"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(who, std::string("TOKEN_MALFORMED"), codeOfClaims(claimsWith(who)));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_MALFORMED"),
                             codeOfClaims(claimsWith(R"("sub":")" + std::string(257, 'a') + "\"")));
    }

    void issuerAndAudienceHaveToBeOurs() {
        const auto claims = [](const std::string& who) {
            return R"({"sub":"ann","iat":1704067200,"exp":1704070800,)" + who + "}";
        };
        for (const auto* issuer :
             {R"("iss":"other","aud":"playhouse")", R"("aud":"playhouse")", R"("iss":["playhouse"],"aud":"playhouse")",
              R"("iss":"Playhouse","aud":"playhouse")"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(issuer, std::string("TOKEN_ISSUER"), codeOfClaims(claims(issuer)));
        for (const auto* audience :
             {R"("iss":"playhouse","aud":"other")", R"("iss":"playhouse")", R"("iss":"playhouse","aud":[])",
              R"("iss":"playhouse","aud":["a",7])", R"("iss":"playhouse","aud":{"playhouse":1})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(audience, std::string("TOKEN_AUDIENCE"), codeOfClaims(claims(audience)));
        CPPUNIT_ASSERT_EQUAL(std::string("good"),
                             codeOfClaims(claims(R"("iss":"playhouse","aud":["other","playhouse"])")));
    }

    void criticalHeadersAreRefused() {
        isRefused("TOKEN_MALFORMED", forged(R"({"alg":"HS256","crit":["exp"]})", goodClaims));
    }

    /// Good from iat less the tolerance, to before exp and the tolerance.
    void timesCountToTheirEdges() {
        using std::chrono::milliseconds;
        TokenHouse house;
        const auto later = R"({"iss":"playhouse","aud":"playhouse","sub":"ann","iat":1704067200,"exp":1704070800,)";
        const auto notYet = forged(goodHeader, std::string(later) + "\"nbf\":1704067240}");
        const auto fromLater = forged(
            goodHeader, R"({"iss":"playhouse","aud":"playhouse","sub":"ann","iat":1704067240,"exp":1704070800})");
        house.clock.advance(milliseconds(9'999));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_NOT_YET_VALID"), house.codeOf(notYet));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_NOT_YET_VALID"), house.codeOf(fromLater));
        house.clock.advance(milliseconds(1));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house.codeOf(notYet));
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house.codeOf(fromLater));
        house.clock.advance(milliseconds(3600'000 + 30'000 - 10'000 - 1));
        const auto fresh = forged(goodHeader, goodClaims);
        CPPUNIT_ASSERT_EQUAL(std::string("good"), house.codeOf(fresh));
        house.clock.advance(milliseconds(1));
        // One known to the cache, and one that is not.
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_EXPIRED"), house.codeOf(fresh));
        CPPUNIT_ASSERT_EQUAL(std::string("TOKEN_EXPIRED"),
                             house.codeOf(forged(R"({"typ":"JWT","alg":"HS256"})", goodClaims)));
    }

    void refusalsAreCountedByCode() {
        const TokenHouse house;
        house.codeOf("x");
        house.codeOf("y");
        house.codeOf(forged(goodHeader, goodClaims, "other"));
        CPPUNIT_ASSERT_EQUAL(2.0, house.figure("playhouse_tokens_refused_total", "TOKEN_MALFORMED"));
        CPPUNIT_ASSERT_EQUAL(1.0, house.figure("playhouse_tokens_refused_total", "TOKEN_SIGNATURE"));
        CPPUNIT_ASSERT_EQUAL(0.0, house.figure("playhouse_tokens_verified_total"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RefusedTokensTest);
