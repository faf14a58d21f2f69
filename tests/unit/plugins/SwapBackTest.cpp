#include "PluginHouse.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

using namespace playhouse;
using namespace playhouse::tests;

/// A new version that does worse than the one before gives way to it, by itself, while it is on probation.
class SwapBackTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SwapBackTest);
    CPPUNIT_TEST(errorsBringTheVersionBeforeBack);
    CPPUNIT_TEST(aVersionThatSaysItIsDownIsReplaced);
    CPPUNIT_TEST(aVersionWhoseHealthHangsIsReplaced);
    CPPUNIT_TEST(aVersionAsGoodAsTheOneBeforeStays);
    CPPUNIT_TEST(whoStoodTheProbationStays);
    CPPUNIT_TEST(withoutProbationErrorsStay);
    CPPUNIT_TEST(stateMovesBackWhenItCan);
    CPPUNIT_TEST(stateThatCannotBeReadIsLeftBehind);
    CPPUNIT_TEST(aSwapDuringTheProbationIsMeasuredByWhatWasProven);
    CPPUNIT_TEST(aRollbackDuringTheProbationEndsIt);
    CPPUNIT_TEST(goingForwardAgainIsOnProbation);
    CPPUNIT_TEST(switchingOffEndsTheProbation);
    CPPUNIT_TEST(aReturnThatFailsIsTold);
    CPPUNIT_TEST_SUITE_END();

    using Settings = std::map<std::string, std::string>;

    static host::SwapSettings onProbation(std::chrono::milliseconds probation = std::chrono::minutes(10)) {
        host::SwapSettings settings;
        settings.probation = probation;
        settings.healthTimeout = std::chrono::milliseconds(100);
        settings.holdTimeout = std::chrono::milliseconds(300);
        settings.drainTimeout = std::chrono::milliseconds(100);
        settings.reportPatience = std::chrono::milliseconds(100);
        return settings;
    }

    static host::PluginConfiguration fickle(const std::string& library, Settings settings = {}) {
        return configured("fickle", library, std::move(settings));
    }

    static void next(PluginHouse& house, const std::string& library, Settings settings) {
        house.manager().reconfigure({fickle(library, std::move(settings))});
    }

    static bool serves(const PluginHouse& house, const std::string& version) {
        return house.statusOf("fickle").version == version;
    }

    /// Asks until `version` serves.
    static void askUntil(const PluginHouse& house, const std::string& version) {
        CPPUNIT_ASSERT(eventually([&] {
            house.get("/fickle");
            return serves(house, version);
        }));
    }

    /// What the host says of its going back, which it says when that is done.
    static std::string noticeOf(const PluginHouse& house) {
        CPPUNIT_ASSERT(eventually([&] { return !house.statusOf("fickle").notice.empty(); }));
        return house.statusOf("fickle").notice;
    }

    static void expectText(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE("\"" + text + "\" does not say \"" + part + "\"", text.find(part) != std::string::npos);
    }

public:
    void errorsBringTheVersionBeforeBack() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"fail-every", "2"}});
        CPPUNIT_ASSERT(serves(house, "2.0.0"));
        CPPUNIT_ASSERT(house.statusOf("fickle").probationUntil.has_value());

        askUntil(house, "1.0.0");

        for (int count = 0; count < 100; ++count) CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), house.get("/fickle"));
        expectText(noticeOf(house), "went back from 2.0.0 to 1.0.0 by itself: ");
        const auto status = house.statusOf("fickle");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, status.generation);
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), status.previousVersion);
        CPPUNIT_ASSERT(!status.probationUntil);
        expectText(status.notice, "answers were errors");
        expectText(house.metrics().text(), "playhouse_plugin_rollbacks_total{cause=\"errors\",plugin=\"fickle\"} 1");
        // The next swap begins with a clean slate.
        next(house, "fickle-2", {});
        CPPUNIT_ASSERT_EQUAL(std::string(), house.statusOf("fickle").notice);
    }

    void aVersionThatSaysItIsDownIsReplaced() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"down-file", house.file("down").string()}});
        house.touch("down");
        CPPUNIT_ASSERT(eventually([&] { return serves(house, "1.0.0"); }));
        expectText(noticeOf(house), "it says that it cannot serve: the disk is full");
        expectText(house.metrics().text(), "playhouse_plugin_rollbacks_total{cause=\"health\",plugin=\"fickle\"} 1");
    }

    void aVersionWhoseHealthHangsIsReplaced() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"hang-file", house.file("hang").string()}});
        house.touch("hang");
        CPPUNIT_ASSERT(eventually([&] { return serves(house, "1.0.0"); }));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("fickle").resident == 1; }));
        expectText(noticeOf(house), "did not answer within swap.health-timeout = 100 ms");
        std::filesystem::remove(house.file("hang"));
        CPPUNIT_ASSERT(eventually([&] { return house.statusOf("fickle").resident == 0; }));
    }

    void aVersionAsGoodAsTheOneBeforeStays() {
        PluginHouse house(onProbation(std::chrono::milliseconds(200)));
        house.manager().startAll({fickle("fickle-1", {{"fail-every", "2"}})});
        for (int count = 0; count < 100; ++count) house.get("/fickle");
        next(house, "fickle-2", {{"fail-every", "2"}});
        CPPUNIT_ASSERT(eventually([&] {
            house.get("/fickle");
            return !house.statusOf("fickle").probationUntil;
        }));
        CPPUNIT_ASSERT(serves(house, "2.0.0"));
    }

    void whoStoodTheProbationStays() {
        PluginHouse house(onProbation(std::chrono::milliseconds(50)));
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"fail-every", "1"}});
        CPPUNIT_ASSERT(eventually([&] { return !house.statusOf("fickle").probationUntil; }));
        for (int count = 0; count < 100; ++count) CPPUNIT_ASSERT(house.get("/fickle").starts_with("error: "));
        CPPUNIT_ASSERT(serves(house, "2.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.statusOf("fickle").previousVersion);
    }

    void withoutProbationErrorsStay() {
        PluginHouse house(onProbation(std::chrono::milliseconds(0)));
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"fail-every", "1"}});
        CPPUNIT_ASSERT(!house.statusOf("fickle").probationUntil);
        for (int count = 0; count < 100; ++count) house.get("/fickle");
        CPPUNIT_ASSERT(serves(house, "2.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().rollback("fickle").toVersion);
    }

    void stateMovesBackWhenItCan() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1", {{"schema", "1"}})});
        for (int count = 0; count < 3; ++count) house.ask(Method::Post, "/fickle");
        next(house, "fickle-2", {{"schema", "1"}, {"fail-every", "1"}});
        house.ask(Method::Post, "/fickle");
        askUntil(house, "1.0.0");
        CPPUNIT_ASSERT_EQUAL(std::string("4 in 1.0.0"), house.get("/fickle"));
    }

    void stateThatCannotBeReadIsLeftBehind() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1", {{"schema", "1"}})});
        house.ask(Method::Post, "/fickle");
        next(house, "fickle-2", {{"schema", "2"}});
        CPPUNIT_ASSERT_EQUAL(std::string("1 in 2.0.0"), house.get("/fickle"));
        const auto report = house.manager().rollback("fickle");
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), report.toVersion);
        expectText(report.stateLost, "schema 2");
        CPPUNIT_ASSERT_EQUAL(std::string("0 in 1.0.0"), house.get("/fickle"));

        next(house, "fickle-2", {{"schema", "3"}, {"fail-every", "1"}});
        askUntil(house, "1.0.0");
        expectText(noticeOf(house), "without its state: ");
    }

    void aSwapDuringTheProbationIsMeasuredByWhatWasProven() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1")});
        // Four failures are too few to decide.
        next(house, "fickle-2", {{"fail-every", "1"}});
        for (int count = 0; count < 4; ++count) house.get("/fickle");
        next(house, "fickle-2", {{"fail-every", "2"}});
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.statusOf("fickle").previousVersion);
        askUntil(house, "1.0.0");
    }

    void aRollbackDuringTheProbationEndsIt() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1", {{"fail-every", "1"}})});
        next(house, "fickle-2", {});
        house.manager().rollback("fickle");
        CPPUNIT_ASSERT(!house.statusOf("fickle").probationUntil);
        for (int count = 0; count < 100; ++count) house.get("/fickle");
        CPPUNIT_ASSERT(serves(house, "1.0.0"));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.statusOf("fickle").previousVersion);
        CPPUNIT_ASSERT_EQUAL(std::string(), house.statusOf("fickle").notice);
    }

    void goingForwardAgainIsOnProbation() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"fail-every", "2"}});
        askUntil(house, "1.0.0");
        CPPUNIT_ASSERT(eventually([&] { return !house.statusOf("fickle").notice.empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), house.manager().rollback("fickle").toVersion);
        CPPUNIT_ASSERT(house.statusOf("fickle").probationUntil.has_value());
        askUntil(house, "1.0.0");
    }

    void switchingOffEndsTheProbation() {
        PluginHouse house(onProbation());
        house.manager().startAll({fickle("fickle-1")});
        next(house, "fickle-2", {{"fail-every", "1"}});
        house.manager().disable("fickle");
        CPPUNIT_ASSERT(!house.statusOf("fickle").probationUntil);
        house.manager().enable("fickle");
        CPPUNIT_ASSERT(serves(house, "2.0.0"));
        CPPUNIT_ASSERT(!house.statusOf("fickle").probationUntil);
        // What it would go back to is still known.
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().rollback("fickle").toVersion);
    }

    void aReturnThatFailsIsTold() {
        PluginHouse house(onProbation());
        house.touch("needed");
        house.manager().startAll({fickle("fickle-1", {{"needed-file", house.file("needed").string()}})});
        next(house, "fickle-2", {{"fail-every", "2"}});
        std::filesystem::remove(house.file("needed"));
        CPPUNIT_ASSERT(eventually([&] {
            house.get("/fickle");
            return !house.statusOf("fickle").notice.empty();
        }));
        CPPUNIT_ASSERT(serves(house, "2.0.0"));
        const auto status = house.statusOf("fickle");
        expectText(status.notice, "should go back from 2.0.0 to 1.0.0, because ");
        expectText(status.notice, "needed is missing");
        CPPUNIT_ASSERT(!status.probationUntil);
        house.touch("needed");
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house.manager().rollback("fickle").toVersion);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SwapBackTest);
