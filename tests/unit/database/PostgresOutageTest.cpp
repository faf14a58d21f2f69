#include "DatabaseHome.h"

#include "platform/database/DatabaseErrors.h"

#include <PostgresServer.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Data/Session.h>
#include <Poco/String.h>

#include <future>

using namespace playhouse;
using namespace playhouse::tests;

/// A server that goes away is told in time, and one that comes back is used again, by itself.
class PostgresOutageTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PostgresOutageTest);
    CPPUNIT_TEST(oneThatIsStoppedIsToldAndComesBack);
    CPPUNIT_TEST(oneThatNobodyAsksIsMissed);
    CPPUNIT_TEST(oneThatIsKilledIsToldAndComesBack);
    CPPUNIT_TEST(oneThatHangsIsToldAndComesBack);
    CPPUNIT_TEST(callsOfPocoInOneThatHangsEnd);
    CPPUNIT_TEST(oneThatIsAbsentAtTheStartIsUsedOnceItIsThere);
    CPPUNIT_TEST(anEndedSessionCostsNoOther);
    CPPUNIT_TEST(aStatementThatTakesTooLongIsEnded);
    CPPUNIT_TEST(aFrozenHostLocksRowsForSomeTimesItsPatience);
    CPPUNIT_TEST(aHostFrozenInItsMigrationsLocksOutNobodyForLong);
    CPPUNIT_TEST(aRefusedPasswordIsNoPartOfTheMessage);
    CPPUNIT_TEST(aFullDiskIsToldAndNothingIsChanged);
    CPPUNIT_TEST_SUITE_END();

    static PostgresServer& server() { return PostgresServer::shared(); }
    PostgresHome home_;

    host::DatabaseSettings impatient() const {
        auto settings = home_.settings();
        settings.patience = std::chrono::milliseconds(1'000);
        return settings;
    }

    /// A database of `settings` whose tables are there.
    static void prepare(TestDatabase& database) {
        CPPUNIT_ASSERT(eventually([&] { return answerOf([&] { database.run("SELECT 1"); }) == "none"; }));
    }

    static host::DatabaseConnection::Deadline soon() {
        return std::chrono::steady_clock::now() + std::chrono::seconds(20);
    }

    static void assertUnavailable(TestDatabase& database) {
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), answerOf([&] { database.run("SELECT 1"); }));
    }

    static void assertComesBack(TestDatabase& database) {
        CPPUNIT_ASSERT(eventually([&] { return answerOf([&] { database.run("SELECT 1"); }) == "none"; }));
        CPPUNIT_ASSERT(database->isUp());
    }

public:
    void tearDown() override {
        server().resume();
        server().start();
    }

    void oneThatIsStoppedIsToldAndComesBack() {
        TestDatabase database(impatient());
        prepare(database);
        server().stop();
        assertUnavailable(database);
        CPPUNIT_ASSERT(eventually([&] { return !database->isUp(); }));
        server().start();
        assertComesBack(database);
    }

    void oneThatNobodyAsksIsMissed() {
        TestDatabase database(impatient());
        prepare(database);
        server().stop();
        CPPUNIT_ASSERT(eventually([&] { return !database->isUp(); }));
        server().start();
        CPPUNIT_ASSERT(eventually([&] { return database->isUp(); }));
    }

    void oneThatIsKilledIsToldAndComesBack() {
        TestDatabase database(impatient());
        prepare(database);
        // In the middle of a piece of work, too.
        const auto told = answerOf([&] {
            database->transaction([&](SqlSession& session) {
                session.run("SELECT 1");
                server().kill();
                session.run("SELECT 1");
            });
        });
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), told);
        assertUnavailable(database);
        server().start();
        assertComesBack(database);
    }

    void oneThatHangsIsToldAndComesBack() {
        TestDatabase database(impatient());
        prepare(database);
        server().pause();
        assertUnavailable(database);
        assertUnavailable(database);
        server().resume();
        assertComesBack(database);
    }

    void callsOfPocoInOneThatHangsEnd() {
        TestDatabase database(impatient());
        prepare(database);
        database->use([&](SqlSession& session) {
            auto& poco = session.session();
            server().pause();
            bool failed = false;
            try {
                poco << "SELECT 1", Poco::Data::Keywords::now;
            } catch (const Poco::Exception&) {
                failed = true;
            }
            CPPUNIT_ASSERT(failed);
        });
        server().resume();
        assertComesBack(database);
    }

    void oneThatIsAbsentAtTheStartIsUsedOnceItIsThere() {
        TestDatabase database(impatient());
        server().stop();
        assertUnavailable(database);
        CPPUNIT_ASSERT_THROW(database->prepare(), host::MigrationError);
        server().start();
        assertComesBack(database);
        database.run("SELECT * FROM users");
    }

    void anEndedSessionCostsNoOther() {
        TestDatabase database(impatient());
        prepare(database);
        const std::string ours =
            " FROM pg_stat_activity WHERE application_name = 'playhouse' AND datname = current_database()";
        server().execute(home_.name(), "SELECT pg_terminate_backend(pid)" + ours);
        // A session is told that it ends before it is gone from there.
        CPPUNIT_ASSERT(eventually([&] {
            try {
                server().execute(home_.name(), "DO 'BEGIN ASSERT NOT EXISTS (SELECT" +
                                                   Poco::replace(ours, std::string("'"), std::string("''")) +
                                                   "); END'");
                return true;
            } catch (const std::runtime_error&) {
                return false;
            }
        }));
        CPPUNIT_ASSERT(database->state().idle > 0);
        database.run("SELECT 1");
    }

    void aStatementThatTakesTooLongIsEnded() {
        TestDatabase database(impatient());
        prepare(database);
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_BUSY"), answerOf([&] { database.run("SELECT pg_sleep(30)"); }));
        CPPUNIT_ASSERT(database->isUp());
        database.run("SELECT 1");
    }

    void aFrozenHostLocksRowsForSomeTimesItsPatience() {
        TestDatabase database(home_.settings());
        database.run("CREATE TABLE seats (id INTEGER PRIMARY KEY, taken INTEGER)");
        database.run("INSERT INTO seats VALUES (1, 0)");
        auto settings = home_.settings();
        settings.patience = std::chrono::milliseconds(300);
        const auto frozen = host::postgresConnector(settings)->connect();
        frozen->begin(soon());
        frozen->run("UPDATE seats SET taken = 1", {}, soon());
        // Waits for that row.
        database.run("UPDATE seats SET taken = 2");
        CPPUNIT_ASSERT(!frozen->isUsable());
    }

    void aHostFrozenInItsMigrationsLocksOutNobodyForLong() {
        TestDatabase database(home_.settings());
        auto settings = home_.settings();
        settings.patience = std::chrono::milliseconds(300);
        const auto frozen = host::postgresConnector(settings)->connect();
        frozen->allow(std::chrono::minutes(10));
        frozen->run("SELECT pg_advisory_lock(77)", {}, soon());
        database.run("SELECT pg_advisory_lock(77)");
        CPPUNIT_ASSERT(!frozen->isUsable());
    }

    void aRefusedPasswordIsNoPartOfTheMessage() {
        auto settings = impatient();
        settings.parameters["password"] = "wrong-one";
        const auto connector = host::postgresConnector(settings);
        try {
            connector->connect();
            CPPUNIT_FAIL("connected");
        } catch (const host::ConnectionRefused& refusal) {
            const std::string text = refusal.what();
            CPPUNIT_ASSERT(text.find("password authentication failed") != std::string::npos);
            CPPUNIT_ASSERT(text.find("wrong-one") == std::string::npos);
        }
    }

    void aFullDiskIsToldAndNothingIsChanged() {
        TestDatabase database(home_.settings());
        database.run("CREATE TABLE notes (id INTEGER)");
        // What a server says whose tables cannot grow.
        server().execute(home_.name(),
                         "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                         "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$");
        server().execute(home_.name(),
                         "CREATE TRIGGER grow BEFORE INSERT ON notes FOR EACH ROW WHEN (new.id > 1) "
                         "EXECUTE FUNCTION refuse()");
        const std::string full = "507 STORAGE_FULL";
        const std::vector<std::string> columns{"id"};
        const std::vector<std::vector<SqlValue>> rows{{std::int64_t{1}}, {std::int64_t{2}}};
        CPPUNIT_ASSERT_EQUAL(full, answerOf([&] { database.run("INSERT INTO notes VALUES (2)"); }));
        CPPUNIT_ASSERT_EQUAL(full, answerOf([&] {
                                 database->transaction([&](SqlSession& session) {
                                     session.run("INSERT INTO notes VALUES (1)");
                                     session.insert("notes", columns, rows);
                                 });
                             }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, database.run("SELECT count(*) AS n FROM notes")[0].integer("n"));
        CPPUNIT_ASSERT_EQUAL(std::string("none"), answerOf([&] { database.run("INSERT INTO notes VALUES (1)"); }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PostgresOutageTest);
