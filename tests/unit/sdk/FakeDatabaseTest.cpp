#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeContext.h>

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace playhouse;
using namespace playhouse::testing;

class FakeDatabaseTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FakeDatabaseTest);
    CPPUNIT_TEST(thePlatformsTablesAreThere);
    CPPUNIT_TEST(migrationsRunOnceInOrder);
    CPPUNIT_TEST(transactionsHoldWholeOrNotAtAll);
    CPPUNIT_TEST(nothingHoldsWhenAStatementOfItFailed);
    CPPUNIT_TEST(anOutageCanBeTried);
    CPPUNIT_TEST(workWithinWorkIsRefused);
    CPPUNIT_TEST(aSwapKeepsTheDatabase);
    CPPUNIT_TEST_SUITE_END();

    class Quiet final : public Plugin {
        void start(PluginContext&) override {}
    };

    static std::size_t users(Database& database) {
        return database.use([](SqlSession& session) { return session.run("SELECT id FROM users").size(); });
    }

    static void addUser(SqlSession& session) { session.run("INSERT INTO users (id) VALUES ($1)", {uuidText()}); }

public:
    void thePlatformsTablesAreThere() {
        FakeContext context;
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users(context.database()));
    }

    void migrationsRunOnceInOrder() {
        const std::string first = "CREATE TABLE rooms (id INTEGER)";
        const std::string second = "INSERT INTO rooms VALUES (1)";
        const std::string other = "not for SQLite";
        const std::vector<EmbeddedMigration> list{{"0002_b.sqlite.sql", second.data(), second.size()},
                                                  {"0002_b.postgresql.sql", other.data(), other.size()},
                                                  {"0001_a.sql", first.data(), first.size()}};
        const EmbeddedMigrations all{list.data(), list.size()};
        FakeDatabase database;
        database.migrate(&all);
        database.migrate(&all);
        const auto rows = database.use([](SqlSession& session) { return session.run("SELECT id FROM rooms").size(); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows);
        CPPUNIT_ASSERT_THROW(database.runScript(other), std::exception);
    }

    void transactionsHoldWholeOrNotAtAll() {
        FakeDatabase database;
        const auto fail = [](SqlSession& session) {
            addUser(session);
            throw std::length_error("of the work");
        };
        CPPUNIT_ASSERT_THROW(database.transaction(fail), std::length_error);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users(database));
        database.transaction(addUser);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, users(database));
    }

    void nothingHoldsWhenAStatementOfItFailed() {
        // As on the host, though the work went on as if nothing had been.
        FakeDatabase database;
        const std::vector<std::string> columns{"id"};
        const std::vector<std::vector<SqlValue>> rows{{uuidText()}, {std::monostate()}};
        const auto swallow = [&](const auto& statement) {
            return [&](SqlSession& session) {
                addUser(session);
                try {
                    statement(session);
                } catch (const SqlError&) {
                }
            };
        };
        const auto run = [](SqlSession& session) { session.run("INSERT INTO users (id) VALUES (NULL)"); };
        const auto insert = [&](SqlSession& session) { session.insert("users", columns, rows); };
        CPPUNIT_ASSERT_THROW(database.transaction(swallow(run)), SqlError);
        CPPUNIT_ASSERT_THROW(database.transaction(swallow(insert)), SqlError);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users(database));
        // Statements that each stand alone hold each for itself.
        database.use(swallow(run));
        database.transaction(addUser);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, users(database));
    }

    void anOutageCanBeTried() {
        FakeDatabase database;
        database.setReachable(false);
        CPPUNIT_ASSERT_THROW(users(database), ApiError);
        database.setReachable(true);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, users(database));
    }

    void workWithinWorkIsRefused() {
        FakeDatabase database;
        CPPUNIT_ASSERT_THROW(database.use([&](SqlSession&) { users(database); }), std::logic_error);
    }

    void aSwapKeepsTheDatabase() {
        FakeContext context("quiet");
        Quiet plugin;
        context.start(plugin);
        context.database().use(addUser);
        FakeContext nextContext("quiet");
        Quiet next;
        context.swap(plugin, nextContext, next);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, users(nextContext.database()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FakeDatabaseTest);
