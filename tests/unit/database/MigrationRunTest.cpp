#include "DatabaseHome.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <memory>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using namespace playhouse::tests;

namespace {

EmbeddedMigration migration(const char* name, std::string_view text) {
    return {name, text.data(), text.size()};
}

}  // namespace

/// Migrations run once for all hosts, whole or not at all.
template <class Home>
class MigrationRunTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MigrationRunTest);
    CPPUNIT_TEST(eachRunsOnceInOrderAndIsRecorded);
    CPPUNIT_TEST(oneThatFailsLeavesNothing);
    CPPUNIT_TEST(oneThatEndsItsTransactionIsRefused);
    CPPUNIT_TEST(oneThatConflictsIsRepeated);
    CPPUNIT_TEST(oneThatIsInTheWayToTheEndIsTold);
    CPPUNIT_TEST(oneThatIsEndedBeforeItsTimeIsNotSaidToBeLate);
    CPPUNIT_TEST(hostsThatStartTogetherRunEachOnce);
    CPPUNIT_TEST(whatIsNeededIsToldBeforeAnythingChanges);
    CPPUNIT_TEST(pluginsHaveNumbersOfTheirOwn);
    CPPUNIT_TEST_SUITE_END();

    Home home_;
    TestDatabase database_{[this] { return home_.settings(); }};
    const MigrationOwner chat_{"chat", "1.0.0"};

    void migrate(TestDatabase& database, const std::vector<EmbeddedMigration>& list, const MigrationOwner& owner) {
        const EmbeddedMigrations all{list.data(), list.size()};
        database->migrate(owner, &all);
    }

    HostDatabase::Need needOf(const std::vector<EmbeddedMigration>& list) {
        const EmbeddedMigrations all{list.data(), list.size()};
        return database_->needOf(chat_, &all);
    }

    template <class Action>
    static std::string codeOf(const Action& action) {
        try {
            action();
        } catch (const MigrationError& error) {
            return error.code();
        }
        return "none";
    }

    /// The code and the message of the MigrationError of one migration.
    std::string toldOf(TestDatabase& database, const std::string& text) {
        try {
            migrate(database, {migration("0001_only.sql", text)}, chat_);
        } catch (const MigrationError& error) {
            return error.code() + ": " + error.what();
        }
        return "none";
    }

    static std::string raising(const std::string& condition) {
        return "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '" + condition + "'; END $$";
    }

    const std::vector<EmbeddedMigration> two_{
        migration("0001_rooms.sql", "CREATE TABLE rooms (id INTEGER PRIMARY KEY);\nINSERT INTO rooms VALUES (1);"),
        migration("0002_names.sql",
                  "-- Names.\nALTER TABLE rooms ADD COLUMN name TEXT;\nINSERT INTO rooms VALUES (2, 'b')")};

public:
    void eachRunsOnceInOrderAndIsRecorded() {
        migrate(database_, two_, chat_);
        migrate(database_, two_, chat_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, database_.run("SELECT id, name FROM rooms").size());
        const auto rows = database_.run(
            "SELECT name, compatible, version, applied_at FROM playhouse_migrations WHERE plugin = 'chat' ORDER BY "
            "number");
        CPPUNIT_ASSERT_EQUAL(std::string("0002_names.sql"), rows[1].text("name"));
        CPPUNIT_ASSERT(rows[1].flag("compatible"));
        CPPUNIT_ASSERT_EQUAL(std::string("1.0.0"), rows[1].text("version"));
        rows[1].time("applied_at");
    }

    void oneThatFailsLeavesNothing() {
        auto list = two_;
        list.push_back(migration("0003_bad.sql", "CREATE TABLE more (id INTEGER); INSERT INTO absent VALUES (1)"));
        CPPUNIT_ASSERT_EQUAL(std::string("MIGRATION_FAILED"), codeOf([&] { migrate(database_, list, chat_); }));
        CPPUNIT_ASSERT_THROW(database_.run("SELECT * FROM more"), SqlError);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, database_.run("SELECT * FROM rooms").size());
        list.back() = migration("0003_good.sql", "CREATE TABLE more (id INTEGER)");
        migrate(database_, list, chat_);
        database_.run("SELECT * FROM more");
    }

    void oneThatEndsItsTransactionIsRefused() {
        const std::vector list{migration("0001_a.sql", "CREATE TABLE a (id INTEGER); COMMIT")};
        CPPUNIT_ASSERT_EQUAL(std::string("MIGRATION_FAILED"), codeOf([&] { migrate(database_, list, chat_); }));
        database_.run("SELECT 1");
    }

    void oneThatConflictsIsRepeated() {
        if (!Home::isPostgres) return;
        database_.run("CREATE SEQUENCE attempts");
        const std::vector list{two_[0], migration("0002_busy.sql",
                                                  "CREATE TABLE busy (id INTEGER); DO $$ BEGIN "
                                                  "IF nextval('attempts') < 4 THEN RAISE EXCEPTION 'in the way' USING "
                                                  "ERRCODE = 'serialization_failure'; END IF; END $$")};
        migrate(database_, list, chat_);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4},
                             database_.run("SELECT last_value FROM attempts")[0].integer("last_value"));
        database_.run("SELECT * FROM busy");
    }

    void oneThatIsInTheWayToTheEndIsTold() {
        if (!Home::isPostgres) return;
        auto settings = home_.settings();
        settings.migrationTimeout = std::chrono::milliseconds(300);
        database_.run("SELECT 1");
        TestDatabase hasty(settings);
        const auto told = toldOf(hasty, raising("deadlock_detected"));
        CPPUNIT_ASSERT_MESSAGE(told, told.starts_with("MIGRATION_TIMEOUT") &&
                                         told.find("database.migration-timeout = 300 ms") != std::string::npos);
    }

    void oneThatIsEndedBeforeItsTimeIsNotSaidToBeLate() {
        if (!Home::isPostgres) return;
        const auto told = toldOf(database_, raising("query_canceled"));
        CPPUNIT_ASSERT_MESSAGE(told, told.starts_with("DATABASE_BUSY") && told.find("timeout") == std::string::npos);
    }

    void hostsThatStartTogetherRunEachOnce() {
        // Four hosts, each with connections of its own, make the platform's tables and the plugin's.
        std::vector<std::unique_ptr<TestDatabase>> hosts;
        for (int number = 0; number < 4; ++number) hosts.push_back(std::make_unique<TestDatabase>(home_.settings()));
        std::vector<std::future<void>> starts;
        for (auto& host : hosts) starts.push_back(std::async(std::launch::async, [&] { migrate(*host, two_, chat_); }));
        for (auto& start : starts) start.get();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, database_.run("SELECT * FROM rooms").size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2},
                             database_.run("SELECT 1 FROM playhouse_migrations WHERE plugin = 'chat'").size());
    }

    void whatIsNeededIsToldBeforeAnythingChanges() {
        using Need = HostDatabase::Need;
        CPPUNIT_ASSERT(needOf(two_) == Need::Migrations);
        auto list = two_;
        list.push_back(migration("0003_drop.sql", "-- compatible: no\nDROP TABLE rooms"));
        CPPUNIT_ASSERT(needOf(list) == Need::IncompatibleMigrations);
        CPPUNIT_ASSERT_THROW(database_.run("SELECT * FROM rooms"), SqlError);
        migrate(database_, list, chat_);
        CPPUNIT_ASSERT(needOf(list) == Need::Nothing);
        CPPUNIT_ASSERT_EQUAL(std::string("DATABASE_TOO_NEW"), codeOf([&] { needOf(two_); }));
        CPPUNIT_ASSERT_EQUAL(std::string("DATABASE_TOO_NEW"), codeOf([&] { migrate(database_, two_, chat_); }));
        auto edited = list;
        edited[0] = migration("0001_rooms.sql", "CREATE TABLE rooms (id BIGINT)");
        CPPUNIT_ASSERT_EQUAL(std::string("MIGRATION_REFUSED"), codeOf([&] { migrate(database_, edited, chat_); }));
    }

    void pluginsHaveNumbersOfTheirOwn() {
        migrate(database_, two_, chat_);
        migrate(database_, {migration("0001_keys.sql", "CREATE TABLE keys (id INTEGER)")}, {"drm", "1.0.0"});
        database_.run("SELECT * FROM keys");
    }
};

using SqliteMigrationRunTest = MigrationRunTest<SqliteHome>;
using PostgresMigrationRunTest = MigrationRunTest<PostgresHome>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteMigrationRunTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresMigrationRunTest);
