#include "edge/BearerToken.h"

#include <cppunit/extensions/HelperMacros.h>

#include <utility>

using namespace playhouse;
using namespace playhouse::host;

class BearerTokenTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(BearerTokenTest);
    CPPUNIT_TEST(schemeIsWithoutRegardToCase);
    CPPUNIT_TEST(otherSchemesAreNoToken);
    CPPUNIT_TEST(whatNoTokenCanBeIsMalformed);
    CPPUNIT_TEST(onlyOneFieldCounts);
    CPPUNIT_TEST(theQueryGivesItsTokenAway);
    CPPUNIT_TEST(oneTokenInOnePlace);
    CPPUNIT_TEST_SUITE_END();

    using Kind = BearerToken::Kind;

    static BearerToken of(std::string_view value) {
        Headers headers;
        headers.add("authorization", value);
        return bearerTokenOf(headers);
    }
    static std::pair<BearerToken, std::string> taken(std::string target, std::string_view authorization = {}) {
        RequestParts parts;
        parts.target = std::move(target);
        if (!authorization.empty()) parts.headers.add("Authorization", authorization);
        auto token = takeBearerToken(parts);
        return {std::move(token), parts.target};
    }

public:
    void schemeIsWithoutRegardToCase() {
        for (const auto* value : {"Bearer abc.DEF-_~+/==", "bearer abc.DEF-_~+/==", "BEARER   abc.DEF-_~+/=="}) {
            CPPUNIT_ASSERT(of(value).kind == Kind::Token);
            CPPUNIT_ASSERT_EQUAL(std::string("abc.DEF-_~+/=="), of(value).text);
        }
    }

    void otherSchemesAreNoToken() {
        for (const auto* value : {"Basic YTpi", "Bearers abc", "Digest x=1", "abc", ""})
            CPPUNIT_ASSERT_MESSAGE(value, of(value).kind == Kind::None);
        CPPUNIT_ASSERT(bearerTokenOf({}).kind == Kind::None);
    }

    void whatNoTokenCanBeIsMalformed() {
        for (const auto* value : {"Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer \"a\"", "Bearer a=b",
                                  "Bearer ===", "Bearer a, Bearer b", "Bearer \xc3\xa4"})
            CPPUNIT_ASSERT_MESSAGE(value, of(value).kind == Kind::Malformed);
    }

    void onlyOneFieldCounts() {
        Headers headers;
        headers.add("Authorization", "Bearer a");
        headers.add("AUTHORIZATION", "Bearer a");
        CPPUNIT_ASSERT(bearerTokenOf(headers).kind == Kind::Malformed);
    }

    void theQueryGivesItsTokenAway() {
        for (const auto& [target, left] : {std::pair("/a?access_token=abc", "/a?access_token=***"),
                                           std::pair("/a?x=1&access_token=abc&y=2", "/a?x=1&access_token=***&y=2"),
                                           std::pair("/a?access%5Ftoken=%61bc", "/a?access_token=***")}) {
            const auto [token, shown] = taken(target);
            CPPUNIT_ASSERT(token.kind == Kind::Token);
            CPPUNIT_ASSERT_EQUAL(std::string("abc"), token.text);
            CPPUNIT_ASSERT_EQUAL(std::string(left), shown);
        }
        for (const auto* target : {"/a", "/a?", "/a?x=1&&y", "/a?access_token", "/a?my_access_token=abc"}) {
            const auto [token, shown] = taken(target);
            CPPUNIT_ASSERT_MESSAGE(target, token.kind == Kind::None);
            CPPUNIT_ASSERT_EQUAL(std::string(target), shown);
        }
        CPPUNIT_ASSERT(taken("/a?access_token=").first.kind == Kind::Malformed);
        CPPUNIT_ASSERT(taken("/a?access_token=%zz").first.kind == Kind::Malformed);
        CPPUNIT_ASSERT_EQUAL(std::string("/a?access_token=***"), taken("/a?access_token=%zz").second);
    }

    void oneTokenInOnePlace() {
        CPPUNIT_ASSERT(taken("/a?access_token=a&access_token=a").first.kind == Kind::Malformed);
        const auto [both, shown] = taken("/a?access_token=a", "Bearer a");
        CPPUNIT_ASSERT(both.kind == Kind::Malformed);
        CPPUNIT_ASSERT_EQUAL(std::string("/a?access_token=***"), shown);
        CPPUNIT_ASSERT(taken("/a?x=1", "Bearer a").first.kind == Kind::Token);
        CPPUNIT_ASSERT(taken("/a?access_token=a", "Basic x").first.kind == Kind::Token);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BearerTokenTest);
