#include "../control/CapturedLog.h"
#include "DatabaseHome.h"

#include <PostgresServer.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <future>
#include <regex>

using namespace playhouse;
using namespace playhouse::tests;

/// What the server does not let its user do is told as what it is, and not as an outage.
class PostgresRightsTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PostgresRightsTest);
    CPPUNIT_TEST(whoMayMakeNoTablesIsToldWhatToGrant);
    CPPUNIT_TEST(aReadOnlyDatabaseIsReadAndSaidToBeSoOnce);
    CPPUNIT_TEST(anothersCopyIsReadAndSaidToBeSo);
    CPPUNIT_TEST(aRoleThatGetsNoMoreConnectionsUsesThoseThatItHas);
    CPPUNIT_TEST_SUITE_END();

    static PostgresServer& server() { return PostgresServer::shared(); }
    PostgresHome home_;

    host::DatabaseSettings settingsOf(const std::string& role) const {
        auto settings = home_.settings();
        settings.parameters["user"] = role;
        settings.parameters["password"] = "open";
        return settings;
    }

    /// A role that this database alone knows; `rights` is of CREATE ROLE.
    std::string makeRole(const std::string& rights = {}) const {
        auto role = "role_of_" + home_.name();
        server().execute(home_.name(), "CREATE ROLE " + role + " LOGIN PASSWORD 'open' " + rights);
        return role;
    }

    static long countOf(const CapturedLog& log, const std::string& part) {
        const auto lines = log.lines();
        return std::count_if(lines.begin(), lines.end(),
                             [&](const auto& line) { return line.find(part) != std::string::npos; });
    }

    static void assertReadOnly(TestDatabase& database) {
        const std::string readOnly = "503 DATABASE_READ_ONLY";
        for (int time = 0; time < 2; ++time) {
            CPPUNIT_ASSERT_EQUAL(readOnly, answerOf([&] { database.run("INSERT INTO notes VALUES (1)"); }));
            CPPUNIT_ASSERT_EQUAL(
                readOnly, answerOf([&] {
                    database->transaction([](SqlSession& session) { session.run("INSERT INTO notes VALUES (1)"); });
                }));
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, database.run("SELECT count(*) AS n FROM notes")[0].integer("n"));
        }
        CPPUNIT_ASSERT(database->isUp());
    }

    void makeNotes() const {
        TestDatabase database(home_.settings());
        database.run("CREATE TABLE notes (id INTEGER)");
    }

public:
    void tearDown() override { server().start(); }

    void whoMayMakeNoTablesIsToldWhatToGrant() {
        TestDatabase database(settingsOf(makeRole()));
        const CapturedLog log("database");
        for (int time = 0; time < 3; ++time)
            CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), answerOf([&] { database.run("SELECT 1"); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, log.lines().size());
        const auto line = log.lines()[0];
        CPPUNIT_ASSERT_MESSAGE(line, std::regex_match(line, std::regex("the host [0-9.]+: permission denied for schema "
                                                                       "public in the PostgreSQL database " +
                                                                       home_.name() +
                                                                       " at .*GRANT CREATE ON SCHEMA "
                                                                       "public.*")));
    }

    void aReadOnlyDatabaseIsReadAndSaidToBeSoOnce() {
        makeNotes();
        const auto makeReadOnly = "ALTER DATABASE " + home_.name() + " SET default_transaction_read_only = ";
        server().execute("postgres", makeReadOnly + "on");
        TestDatabase database(home_.settings());
        const CapturedLog log("database");
        assertReadOnly(database);
        CPPUNIT_ASSERT_EQUAL(1L, countOf(log, "takes no writes"));
        server().execute("postgres", makeReadOnly + "off");
        CPPUNIT_ASSERT(
            eventually([&] { return answerOf([&] { database.run("INSERT INTO notes VALUES (1)"); }) == "none"; }));
        CPPUNIT_ASSERT_EQUAL(1L, countOf(log, "takes writes again"));
    }

    void anothersCopyIsReadAndSaidToBeSo() {
        makeNotes();
        server().stop();
        server().startAsCopy();
        {
            TestDatabase database(home_.settings());
            assertReadOnly(database);
        }
        server().stop();
    }

    void aRoleThatGetsNoMoreConnectionsUsesThoseThatItHas() {
        makeNotes();
        const auto role = makeRole("CONNECTION LIMIT 1");
        server().execute(home_.name(), "GRANT pg_read_all_data TO " + role);
        TestDatabase database(settingsOf(role));
        const CapturedLog log("database");
        std::future<void> second;
        database->use([&](SqlSession& session) {
            session.run("SELECT * FROM notes");
            second = std::async(std::launch::async, [&] { database.run("SELECT * FROM notes"); });
            CPPUNIT_ASSERT(eventually([&] { return database->state().failed > 1; }));
        });
        second.get();
        CPPUNIT_ASSERT(database->isUp());
        CPPUNIT_ASSERT_EQUAL(1L, countOf(log, "CONNECTION LIMIT"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PostgresRightsTest);
