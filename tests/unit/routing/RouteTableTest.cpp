#include "routing/RouteTable.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <string>

using namespace playhouse;
using namespace playhouse::host;

class RouteTableTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RouteTableTest);
    CPPUNIT_TEST(literalWinsOverParameterAndRest);
    CPPUNIT_TEST(longerLiteralTextWins);
    CPPUNIT_TEST(anotherBranchIsTriedWhenTheFirstEndsNowhere);
    CPPUNIT_TEST(parametersCarryTheNamesOfTheirOwnPattern);
    CPPUNIT_TEST(parametersAreNeverEmpty);
    CPPUNIT_TEST(restTakesSlashes);
    CPPUNIT_TEST(headFindsGet);
    CPPUNIT_TEST(wrongMethodNamesTheRightOnes);
    CPPUNIT_TEST(sameShapeFromTwoPluginsCollides);
    CPPUNIT_TEST(disabledPatternsAnswerOnlyWhatNobodyElseDoes);
    CPPUNIT_TEST(publishingMovesTheVersion);
    CPPUNIT_TEST_SUITE_END();

    using Parameters = std::vector<std::pair<std::string, std::string>>;

    static RouteEntry entry(const std::string& pattern, Method method = Method::Get,
                            const std::string& plugin = "one") {
        return {method, RoutePattern(pattern), {}, plugin, LeaseGate::make(), nullptr, 0};
    }

    static std::shared_ptr<const RouteTable> tableOf(std::initializer_list<std::string> patterns) {
        RouteTable::Builder builder;
        for (const auto& pattern : patterns) builder.add(entry(pattern));
        return std::move(builder).build();
    }

    static std::string patternOf(const RouteTable& table, const std::string& path, Method method = Method::Get) {
        Parameters parameters;
        const auto match = table.match(method, path, parameters);
        return match.entry ? match.entry->pattern.text() : "(none)";
    }

    void literalWinsOverParameterAndRest() {
        const auto table = tableOf({"/a/{rest...}", "/a/{id}", "/a/list"});
        CPPUNIT_ASSERT_EQUAL(std::string("/a/list"), patternOf(*table, "/a/list"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a/{id}"), patternOf(*table, "/a/7"));
        CPPUNIT_ASSERT_EQUAL(std::string("/a/{rest...}"), patternOf(*table, "/a/7/8"));
        CPPUNIT_ASSERT_EQUAL(std::string("(none)"), patternOf(*table, "/a"));
        CPPUNIT_ASSERT_EQUAL(std::string("(none)"), patternOf(*table, "/"));
    }

    void longerLiteralTextWins() {
        const auto table = tableOf({"/{file}", "/segment-{n}.ts", "/segment-{n}"});
        CPPUNIT_ASSERT_EQUAL(std::string("/segment-{n}.ts"), patternOf(*table, "/segment-1.ts"));
        CPPUNIT_ASSERT_EQUAL(std::string("/segment-{n}"), patternOf(*table, "/segment-1.m4s"));
        CPPUNIT_ASSERT_EQUAL(std::string("/{file}"), patternOf(*table, "/other"));
    }

    void anotherBranchIsTriedWhenTheFirstEndsNowhere() {
        const auto table = tableOf({"/a/x/end", "/{any}/x/other"});
        CPPUNIT_ASSERT_EQUAL(std::string("/{any}/x/other"), patternOf(*table, "/a/x/other"));
    }

    void parametersCarryTheNamesOfTheirOwnPattern() {
        RouteTable::Builder builder;
        builder.add(entry("/v/{id}/{part}", Method::Get));
        builder.add(entry("/v/{video}/{piece}", Method::Post));
        const auto table = std::move(builder).build();
        Parameters parameters;
        CPPUNIT_ASSERT(table->match(Method::Post, "/v/demo/7", parameters).entry);
        CPPUNIT_ASSERT((parameters == Parameters{{"video", "demo"}, {"piece", "7"}}));
    }

    void parametersAreNeverEmpty() {
        const auto table = tableOf({"/v/{id}", "/s/segment-{n}.ts"});
        CPPUNIT_ASSERT_EQUAL(std::string("(none)"), patternOf(*table, "/v/"));
        CPPUNIT_ASSERT_EQUAL(std::string("(none)"), patternOf(*table, "/s/segment-.ts"));
    }

    void restTakesSlashes() {
        const auto table = tableOf({"/cdn/{path...}"});
        Parameters parameters;
        CPPUNIT_ASSERT(table->match(Method::Get, "/cdn/a/b//c", parameters).entry);
        CPPUNIT_ASSERT_EQUAL(std::string("a/b//c"), parameters.front().second);
    }

    void headFindsGet() { CPPUNIT_ASSERT_EQUAL(std::string("/a"), patternOf(*tableOf({"/a"}), "/a", Method::Head)); }

    void wrongMethodNamesTheRightOnes() {
        RouteTable::Builder builder;
        builder.add(entry("/a/{id}", Method::Get));
        builder.add(entry("/a/{id}", Method::Put));
        const auto table = std::move(builder).build();
        Parameters parameters;
        const auto match = table->match(Method::Delete, "/a/1", parameters);
        CPPUNIT_ASSERT(!match.entry);
        CPPUNIT_ASSERT((match.allowedMethods == std::vector{Method::Get, Method::Put}));
    }

    void sameShapeFromTwoPluginsCollides() {
        RouteTable::Builder builder;
        builder.add(entry("/a/{id}", Method::Get, "one"));
        try {
            builder.add(entry("/a/{name}", Method::Get, "two"));
            CPPUNIT_FAIL("accepted");
        } catch (const RouteCollision& collision) {
            const std::string text = collision.what();
            CPPUNIT_ASSERT(text.find("\"one\"") != std::string::npos && text.find("\"two\"") != std::string::npos &&
                           text.find("GET /a/{name}") != std::string::npos);
        }
    }

    void disabledPatternsAnswerOnlyWhatNobodyElseDoes() {
        RouteTable::Builder builder;
        builder.add(entry("/a/b"));
        builder.addDisabled("/a/{rest...}", "sleeper");
        const auto table = std::move(builder).build();
        Parameters parameters;
        CPPUNIT_ASSERT(table->match(Method::Get, "/a/b", parameters).entry);
        CPPUNIT_ASSERT_EQUAL(std::string("sleeper"), *table->match(Method::Get, "/a/c", parameters).disabledPlugin);
        CPPUNIT_ASSERT(!table->match(Method::Get, "/c", parameters).disabledPlugin);
    }

    void publishingMovesTheVersion() {
        RouteTableSlot slot;
        const auto before = slot.version();
        const auto table = tableOf({"/a"});
        slot.publish(table);
        CPPUNIT_ASSERT(slot.version() != before);
        CPPUNIT_ASSERT(slot.current().first == table);
        CPPUNIT_ASSERT_EQUAL(slot.version(), slot.current().second);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RouteTableTest);
