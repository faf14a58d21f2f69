#include "../control/CapturedLog.h"
#include "PluginHouse.h"

#include "platform/database/DatabaseConnection.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <string>

using namespace playhouse;
using namespace playhouse::tests;

/// A plugin's tables change with its versions, and no version works on tables that it does not know.
class PluginTablesTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PluginTablesTest);
    CPPUNIT_TEST(tablesAreThereBeforeThePluginStarts);
    CPPUNIT_TEST(aSwapBringsMigrationsAndGoesBackOverCompatibleOnes);
    CPPUNIT_TEST(nobodyMeetsTablesThatItsVersionDoesNotKnow);
    CPPUNIT_TEST(anIncompatibleMigrationWaitsForRunningRequests);
    CPPUNIT_TEST(noWayLeadsBackOverAnIncompatibleOne);
    CPPUNIT_TEST(anEditedMigrationIsRefused);
    CPPUNIT_TEST(aStartThatFailsAfterCompatibleMigrationsLeavesTheVersionBefore);
    CPPUNIT_TEST(nothingServesOnTablesThatItsVersionDoesNotKnow);
    CPPUNIT_TEST(aPluginWithoutTablesNeedsNoDatabase);
    CPPUNIT_TEST(aPluginThatMissesItsDatabaseStartsOnceThatIsThere);
    CPPUNIT_TEST(aStartThatTheHostsTablesPreventIsToldByItsReasonAndTriedLessAndLessOften);
    CPPUNIT_TEST_SUITE_END();

    PluginHouse house_;

    void start(const std::string& version) {
        const auto failures = house_.manager().startAll({configured("tables", "tables-" + version)});
        CPPUNIT_ASSERT_MESSAGE(failures.empty() ? "" : failures[0], failures.empty());
    }

    auto swap(const std::string& version) { return house_.manager().swap("tables", fixture("tables-" + version)); }

    std::string rooms() const { return house_.get("/tables/rooms"); }

    static void assertHolds(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
    }

    static constexpr const char* name = "lobby; (\"a\\b\")";

public:
    void tablesAreThereBeforeThePluginStarts() {
        start("1");
        CPPUNIT_ASSERT_EQUAL(std::string("none"), rooms());
    }

    void aSwapBringsMigrationsAndGoesBackOverCompatibleOnes() {
        start("1");
        const auto report = swap("2");
        CPPUNIT_ASSERT_EQUAL(std::string("2.0.0"), report.toVersion);
        CPPUNIT_ASSERT(report.unloaded || librariesStayLoaded);
        CPPUNIT_ASSERT_EQUAL(std::string(name), rooms());
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), house_.manager().rollback("tables").toVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("none"), rooms());
        swap("2");
        CPPUNIT_ASSERT_EQUAL(std::string(name), rooms());
    }

    void nobodyMeetsTablesThatItsVersionDoesNotKnow() {
        start("2");
        std::atomic<bool> over{false};
        std::atomic<int> asked{0};
        const auto ask = [&] {
            std::string wrong;
            while (!over && wrong.empty()) {
                if (const auto answer = rooms(); answer != name) wrong = answer;
                ++asked;
            }
            return wrong;
        };
        auto one = std::async(std::launch::async, ask);
        auto other = std::async(std::launch::async, ask);
        const bool begun = eventually([&] { return asked > 10; });
        const auto report = swap("3");
        const bool went = eventually([&, before = asked.load()] { return asked > before + 10; });
        over = true;
        CPPUNIT_ASSERT_EQUAL(std::string(), one.get() + other.get());
        CPPUNIT_ASSERT(begun && went);
        CPPUNIT_ASSERT_EQUAL(std::string("3.0.0"), report.toVersion);
    }

    void anIncompatibleMigrationWaitsForRunningRequests() {
        host::SwapSettings impatient;
        impatient.holdTimeout = std::chrono::milliseconds(50);
        PluginHouse house(impatient);
        house.manager().startAll({configured("tables", "tables-2")});
        const auto swapToThree = [&] { house.manager().swap("tables", fixture("tables-3")); };
        {
            RequestParts parts;
            const auto table = house.routes().current().first;
            const auto running = table->match(Method::Get, "/tables/rooms", parts.pathParameters).entry->gate->enter();
            assertHolds(PluginHouse::refusalOf(swapToThree), "BUSY: plugin \"tables\" 3.0.0 changes its tables");
        }
        CPPUNIT_ASSERT_EQUAL(std::string(name), house.get("/tables/rooms"));
        swapToThree();
        CPPUNIT_ASSERT_EQUAL(std::string(name), house.get("/tables/rooms"));
    }

    void noWayLeadsBackOverAnIncompatibleOne() {
        start("2");
        swap("3");
        auto& manager = house_.manager();
        assertHolds(PluginHouse::refusalOf([&] { manager.rollback("tables"); }),
                    "DATABASE_TOO_NEW: plugin \"tables\" 2.0.0");
        assertHolds(PluginHouse::refusalOf([&] { swap("1"); }), "version 3.0.0 has applied 0003_titles.sql");
        CPPUNIT_ASSERT_EQUAL(std::string(name), rooms());
        CPPUNIT_ASSERT_EQUAL(std::string("3.0.0"), house_.statusOf("tables").version);
    }

    void anEditedMigrationIsRefused() {
        start("1");
        assertHolds(PluginHouse::refusalOf([&] { swap("edited"); }),
                    "MIGRATION_REFUSED: plugin \"tables\" edited.0.0: the migration 0001_rooms.sql");
        CPPUNIT_ASSERT_EQUAL(std::string("none"), rooms());
    }

    void aStartThatFailsAfterCompatibleMigrationsLeavesTheVersionBefore() {
        start("1");
        auto next = configured("tables", "tables-2", {{"fails", "true"}});
        assertHolds(PluginHouse::refusalOf([&] { house_.manager().reconfigure({next}); }), "told to fail");
        CPPUNIT_ASSERT_EQUAL(std::string("none"), rooms());
        CPPUNIT_ASSERT(house_.statusOf("tables").state == host::PluginState::Serving);
    }

    void nothingServesOnTablesThatItsVersionDoesNotKnow() {
        start("2");
        std::atomic<bool> over{false};
        std::atomic<int> asked{0};
        auto client = std::async(std::launch::async, [&] {
            std::string wrong;
            while (!over && wrong.empty()) {
                if (const auto answer = rooms(); answer != name && answer != "503 tables") wrong = answer;
                ++asked;
            }
            return wrong;
        });
        const bool begun = eventually([&] { return asked > 10; });
        auto next = configured("tables", "tables-3", {{"fails", "true"}});
        const auto refusal = PluginHouse::refusalOf([&] { house_.manager().reconfigure({next}); });
        const auto failed = house_.statusOf("tables");
        const auto answer = rooms();
        next.settings.clear();
        house_.manager().reconfigure({next});
        over = true;
        CPPUNIT_ASSERT(begun);
        CPPUNIT_ASSERT_EQUAL(std::string(), client.get());
        assertHolds(refusal,
                    "START_FAILED: plugin \"tables\" 3.0.0 failed in start(): told to fail; nothing of plugin");
        assertHolds(refusal, "version 3.0.0 has applied 0003_titles.sql");
        assertHolds(refusal, "`playhousectl enable tables`");
        CPPUNIT_ASSERT(failed.state == host::PluginState::Failed);
        assertHolds(refusal, failed.error);
        CPPUNIT_ASSERT_EQUAL(std::string("503 tables"), answer);
        CPPUNIT_ASSERT_EQUAL(std::string(name), rooms());
    }

    void aPluginThatMissesItsDatabaseStartsOnceThatIsThere() {
        std::filesystem::create_directories(house_.file("storage"));
        std::ofstream(house_.file("storage/playhouse.db")) << std::string(4096, 'z');
        const auto failures = house_.manager().startAll({configured("tables", "tables-1")});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        assertHolds(failures[0], "needs the SQLite file");
        CPPUNIT_ASSERT_EQUAL(std::string("503 tables"), rooms());
        std::filesystem::remove(house_.file("storage/playhouse.db"));
        CPPUNIT_ASSERT(eventually([&] { return rooms() == "none"; }));
    }

    void aStartThatTheHostsTablesPreventIsToldByItsReasonAndTriedLessAndLessOften() {
        using Steady = std::chrono::steady_clock;
        const CapturedLog log("plugins");
        std::filesystem::create_directories(house_.file("storage"));
        {
            PluginHouse before;
            CPPUNIT_ASSERT(before.manager().startAll({configured("tables", "tables-1")}).empty());
            before.database().use([](SqlSession& session) {
                session.run(
                    "INSERT INTO playhouse_migrations (plugin, number, name, checksum, compatible, version, "
                    "applied_at) "
                    "VALUES ('', 999, '0999_x.sql', 'x', false, '9.0.0', CURRENT_TIMESTAMP)");
            });
            std::filesystem::copy(before.file("storage"), house_.file("storage"));
        }
        int audited = 0;
        house_.manager().onAutomaticAction([&](const host::AutomaticAction&) { ++audited; });
        const auto began = Steady::now();
        const auto tables = configured("tables", "tables-1", {{"starts", house_.file("starts").string()}});
        const auto failures = house_.manager().startAll({tables});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, failures.size());
        assertHolds(failures[0], "version 9.0.0 has applied 0999_x.sql");
        const auto starts = [&] {
            std::ifstream file(house_.file("starts"));
            return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
        };
        CPPUNIT_ASSERT(eventually([&] { return starts() >= 4; }));
        // Pauses of 250, 500 and 1000 ms at least.
        CPPUNIT_ASSERT(Steady::now() - began >= std::chrono::milliseconds(1750));
        host::sqliteConnector({.file = house_.file("storage/playhouse.db")})
            ->connect()
            ->run("DELETE FROM playhouse_migrations WHERE number = 999", {}, Steady::now() + std::chrono::minutes(1));
        CPPUNIT_ASSERT(eventually([&] { return rooms() == "none"; }));
        house_.manager().disable("tables");
        const auto lines = log.lines();
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, std::count(lines.begin(), lines.end(), failures[0]));
        CPPUNIT_ASSERT_EQUAL(1, audited);
    }

    void aPluginWithoutTablesNeedsNoDatabase() {
        house_.manager().startAll({configured("greeter", "greeter-1")});
        CPPUNIT_ASSERT(!std::filesystem::exists(house_.file("storage/playhouse.db")));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginTablesTest);
