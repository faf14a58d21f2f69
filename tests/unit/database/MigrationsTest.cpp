#include "platform/database/Migrations.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;

/// What is to be run is decided by what the database has seen, and refused when the two do not fit.
class MigrationsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MigrationsTest);
    CPPUNIT_TEST(theyAreSortedAndForOneDatabase);
    CPPUNIT_TEST(aLineAtTheBeginningSaysIncompatible);
    CPPUNIT_TEST(oneThatIsNearlySaidToBeIncompatibleIsRefused);
    CPPUNIT_TEST(malformedNamesAndEqualNumbersAreRefused);
    CPPUNIT_TEST(whatIsAppliedIsNotRunAgain);
    CPPUNIT_TEST(anEditedOneIsRefused);
    CPPUNIT_TEST(oneThatIsGoneIsRefused);
    CPPUNIT_TEST(oneThatComesTooLateIsRefused);
    CPPUNIT_TEST(anEarlierVersionWorksAfterCompatibleOnes);
    CPPUNIT_TEST(anEarlierVersionIsRefusedAfterAnIncompatibleOne);
    CPPUNIT_TEST_SUITE_END();

    const MigrationOwner owner_{"chat", "2.0.0"};

    std::vector<Migration> read(const std::vector<EmbeddedMigration>& list,
                                SqlDialect dialect = SqlDialect::SQLite) const {
        const EmbeddedMigrations all{list.data(), list.size()};
        return migrationsOf(&all, dialect, owner_);
    }

    static EmbeddedMigration of(const char* name, std::string_view text = "SELECT 1") {
        return {name, text.data(), text.size()};
    }

    static std::vector<AppliedMigration> applied(const std::vector<Migration>& all) {
        std::vector<AppliedMigration> done;
        for (const auto& each : all)
            done.push_back({each.number, each.name, each.checksum, each.isCompatible, "1.9.0"});
        return done;
    }

    /// "CODE: message" of what `action` throws.
    template <class Action>
    static std::string refusalOf(const Action& action) {
        try {
            action();
        } catch (const MigrationError& error) {
            return error.code() + ": " + error.what();
        }
        return "not refused";
    }

    static void assertHolds(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
    }

public:
    void theyAreSortedAndForOneDatabase() {
        const std::vector list{of("0010_b.sql"), of("0002_a.sqlite.sql", "lite"), of("0002_a.postgresql.sql", "post")};
        const auto lite = read(list);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, lite.size());
        CPPUNIT_ASSERT_EQUAL(std::string("lite"), lite[0].text);
        CPPUNIT_ASSERT_EQUAL(10, lite[1].number);
        CPPUNIT_ASSERT_EQUAL(std::string("post"), read(list, SqlDialect::PostgreSQL)[0].text);
        CPPUNIT_ASSERT(migrationsOf(nullptr, SqlDialect::SQLite, owner_).empty());
    }

    void aLineAtTheBeginningSaysIncompatible() {
        const auto isCompatible = [&](std::string_view text) { return read({of("0001_a.sql", text)})[0].isCompatible; };
        CPPUNIT_ASSERT(!isCompatible("-- compatible: no\nSELECT 1"));
        CPPUNIT_ASSERT(!isCompatible("-- Drops what was.\r\n\n-- compatible: no \r\nSELECT 1"));
        CPPUNIT_ASSERT(isCompatible("SELECT 1;\n-- compatible: no\n"));
        CPPUNIT_ASSERT(isCompatible("-- compatible: yes\nSELECT 1"));
    }

    void oneThatIsNearlySaidToBeIncompatibleIsRefused() {
        for (const std::string text :
             {"--compatible: no\nSELECT 1", "-- Compatible: no\nSELECT 1", "-- compatible:no\nSELECT 1",
              "\xEF\xBB\xBF-- compatible: no\nSELECT 1", "\xEF\xBB\xBFSELECT 1", "/* compatible: no */ SELECT 1",
              "-- Names.\n\n  -- compatible: no\nSELECT 1", "-- compatible: No", "-- incompatible\nSELECT 1",
              "/* Names. */\n-- compatible = no\nSELECT 1", "-- compatible: no\n-- compatible: maybe\nSELECT 1"}) {
            const auto all = read({of("0001_a.sql", text)});
            assertHolds(refusalOf([&] { pendingMigrations(all, {}, owner_); }),
                        "MIGRATION_REFUSED: plugin \"chat\" 2.0.0: the migration 0001_a.sql speaks");
            // One that has long been applied does no harm.
            CPPUNIT_ASSERT(pendingMigrations(all, applied(all), owner_).empty());
        }
        for (const std::string text : {"-- Names.\nSELECT 1 -- compatible\n", "/* open", "", "-- compatible: yes"})
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, pendingMigrations(read({of("0001_a.sql", text)}), {}, owner_).size());
    }

    void malformedNamesAndEqualNumbersAreRefused() {
        for (const auto* name : {"1_a.sql", "0001a.sql", "000x_a.sql", "0001_a.txt", ""})
            assertHolds(refusalOf([&] { read({of(name)}); }), "MIGRATION_REFUSED: plugin \"chat\" 2.0.0");
        assertHolds(refusalOf([&] { read({of("0001_a.sql"), of("0001_b.sqlite.sql")}); }), "same number");
    }

    void whatIsAppliedIsNotRunAgain() {
        const auto all = read({of("0001_a.sql"), of("0002_b.sql"), of("0007_c.sql")});
        const auto done = applied({all[0], all[1]});
        const auto rest = pendingMigrations(all, done, owner_);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rest.size());
        CPPUNIT_ASSERT_EQUAL(7, rest[0].number);
        CPPUNIT_ASSERT(pendingMigrations(all, applied(all), owner_).empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, pendingMigrations(all, {}, owner_).size());
    }

    void anEditedOneIsRefused() {
        const auto done = applied(read({of("0001_a.sql", "SELECT 1")}));
        const auto told = refusalOf([&] { pendingMigrations(read({of("0001_a.sql", "SELECT 2")}), done, owner_); });
        assertHolds(told, "MIGRATION_REFUSED");
        assertHolds(told, "0001_a.sql is another than the one that version 1.9.0");
    }

    void oneThatIsGoneIsRefused() {
        const auto done = applied(read({of("0001_a.sql"), of("0002_b.sql")}));
        const auto told = refusalOf([&] {
            pendingMigrations(read({of("0001_a.sql"), of("0003_c.sql")}), done, owner_);
        });
        assertHolds(told, "MIGRATION_REFUSED");
        assertHolds(told, "0002_b.sql");
    }

    void oneThatComesTooLateIsRefused() {
        const auto done = applied(read({of("0001_a.sql"), of("0005_b.sql")}));
        const auto all = read({of("0001_a.sql"), of("0003_late.sql"), of("0005_b.sql")});
        assertHolds(refusalOf([&] { pendingMigrations(all, done, owner_); }), "give it a number above 5");
    }

    void anEarlierVersionWorksAfterCompatibleOnes() {
        const auto done = applied(read({of("0001_a.sql"), of("0002_b.sql")}));
        CPPUNIT_ASSERT(pendingMigrations(read({of("0001_a.sql")}), done, owner_).empty());
    }

    void anEarlierVersionIsRefusedAfterAnIncompatibleOne() {
        const auto done = applied(read({of("0001_a.sql"), of("0002_b.sql", "-- compatible: no\nDROP TABLE a")}));
        const auto told = refusalOf([&] { pendingMigrations(read({of("0001_a.sql")}), done, owner_); });
        assertHolds(told, "DATABASE_TOO_NEW: plugin \"chat\" 2.0.0");
        assertHolds(told, "version 1.9.0 has applied 0002_b.sql");
        // Also for a version that has none at all.
        assertHolds(refusalOf([&] { pendingMigrations({}, done, owner_); }), "DATABASE_TOO_NEW");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MigrationsTest);
