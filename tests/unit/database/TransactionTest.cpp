#include "DatabaseHome.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>

using namespace playhouse;
using namespace playhouse::tests;

/// Transactions hold whole or not at all, as if each ran alone.
template <class Home>
class TransactionTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(TransactionTest);
    CPPUNIT_TEST(whatItDidHoldsWhenItReturns);
    CPPUNIT_TEST(nothingHoldsWhenItThrows);
    CPPUNIT_TEST(nothingHoldsWhenAStatementOfItFailed);
    CPPUNIT_TEST(nothingIsSaidToHoldThatPostgresHasRolledBack);
    CPPUNIT_TEST(workThatEndsItsTransactionIsRefused);
    CPPUNIT_TEST(itReturnsWhatItsWorkReturns);
    CPPUNIT_TEST(aConstraintThatWaitsForTheEndIsTold);
    CPPUNIT_TEST(noTwoSeeTheSameBefore);
    CPPUNIT_TEST(conflictsWithoutEndAreGivenUp);
    CPPUNIT_TEST(insertsBelongToTheirTransaction);
    CPPUNIT_TEST_SUITE_END();

    Home home_;
    TestDatabase database_{[this] { return home_.settings(); }};

    std::int64_t count() { return database_.run("SELECT count(*) AS n FROM doctors")[0].integer("n"); }

public:
    void setUp() override { database_.run("CREATE TABLE doctors (name TEXT PRIMARY KEY, on_call BOOLEAN)"); }

    void whatItDidHoldsWhenItReturns() {
        database_->transaction([](SqlSession& session) {
            session.run("INSERT INTO doctors VALUES ('Ann', true)");
            session.run("INSERT INTO doctors VALUES ('Bob', true)");
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, count());
    }

    void nothingHoldsWhenItThrows() {
        CPPUNIT_ASSERT_THROW(database_->transaction([](SqlSession& session) {
            session.run("INSERT INTO doctors VALUES ('Ann', true)");
            throw std::length_error("of the work");
        }),
                             std::length_error);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count());
    }

    void nothingHoldsWhenAStatementOfItFailed() {
        // Not even for work that goes on as if nothing had been: no database keeps the half of it.
        const auto work = [](SqlSession& session) {
            session.run("INSERT INTO doctors VALUES ('Ann', true)");
            try {
                session.run("INSERT INTO doctors VALUES ('Ann', true)");
            } catch (const SqlError&) {
            }
        };
        CPPUNIT_ASSERT_THROW(database_->transaction(work), SqlError);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count());
    }

    void nothingIsSaidToHoldThatPostgresHasRolledBack() {
        // Nobody but PostgreSQL knows of what was done by Poco's session. SQLite keeps the rest.
        if (!Home::isPostgres) return;
        CPPUNIT_ASSERT_THROW(database_->transaction([](SqlSession& session) {
            session.run("INSERT INTO doctors VALUES ('Ann', true)");
            try {
                session.session() << "INSERT INTO doctors VALUES ('Ann', true)", Poco::Data::Keywords::now;
            } catch (const Poco::Exception&) {
            }
        }),
                             SqlError);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count());
    }

    void workThatEndsItsTransactionIsRefused() {
        CPPUNIT_ASSERT_THROW(database_->transaction([](SqlSession& session) {
            session.run("INSERT INTO doctors VALUES ('Ann', true)");
            session.run("ROLLBACK");
        }),
                             SqlError);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count());
    }

    void itReturnsWhatItsWorkReturns() {
        const auto name = database_->transaction([](SqlSession& session) {
            return session.run("INSERT INTO doctors VALUES ('Ann', true) RETURNING name")[0].text("name");
        });
        CPPUNIT_ASSERT_EQUAL(std::string("Ann"), name);
    }

    void aConstraintThatWaitsForTheEndIsTold() {
        database_.run("CREATE TABLE shifts (doctor TEXT REFERENCES doctors (name) DEFERRABLE INITIALLY DEFERRED)");
        const auto kind = std::to_string(static_cast<int>(SqlError::Kind::ForeignKey));
        const auto told = sqlErrorOf([&] {
            database_->transaction([](SqlSession& session) { session.run("INSERT INTO shifts VALUES ('Eve')"); });
        });
        CPPUNIT_ASSERT_EQUAL(kind, told.substr(0, 1));
        database_.run("SELECT 1");
    }

    void noTwoSeeTheSameBefore() {
        // Write skew: each goes off call only while another is on call; one must stay.
        for (int round = 0; round < 5; ++round) {
            database_.run("DELETE FROM doctors");
            database_.run("INSERT INTO doctors VALUES ('Ann', true), ('Bob', true)");
            std::latch bothHaveLooked(2);
            std::atomic<int> runs{0};
            const auto leave = [&](const std::string& name) {
                database_->transaction([&](SqlSession& session) {
                    const auto others = session.run("SELECT name FROM doctors WHERE on_call");
                    // On SQLite one waits for the other.
                    if (Home::isPostgres && ++runs <= 2) bothHaveLooked.arrive_and_wait();
                    if (others.size() > 1) session.run("UPDATE doctors SET on_call = false WHERE name = $1", {name});
                });
            };
            auto ann = std::async(std::launch::async, leave, "Ann");
            auto bob = std::async(std::launch::async, leave, "Bob");
            ann.get();
            bob.get();
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, database_.run("SELECT 1 FROM doctors WHERE on_call").size());
            CPPUNIT_ASSERT(!Home::isPostgres || runs > 2);
        }
    }

    void conflictsWithoutEndAreGivenUp() {
        database_.run("INSERT INTO doctors VALUES ('Ann', true)");
        int runs = 0;
        const auto told = answerOf([&] {
            database_->transaction([&](SqlSession& session) {
                ++runs;
                session.run("SELECT * FROM doctors");
                // Another changes, each time, what was just read.
                if (Home::isPostgres)
                    std::async(std::launch::async, [&] {
                        database_.run("UPDATE doctors SET on_call = NOT on_call");
                    }).get();
                session.run("UPDATE doctors SET on_call = NOT on_call");
            });
        });
        CPPUNIT_ASSERT_EQUAL(std::string(Home::isPostgres ? "503 DATABASE_BUSY" : "none"), told);
        CPPUNIT_ASSERT(Home::isPostgres ? runs > 1 : runs == 1);
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(runs - 1), database_.figure("playhouse_database_retries_total"));
    }

    void insertsBelongToTheirTransaction() {
        const std::vector<std::string> columns{"name", "on_call"};
        const std::vector<std::vector<SqlValue>> rows{{"Ann", true}, {"Bob", false}};
        CPPUNIT_ASSERT_THROW(database_->transaction([&](SqlSession& session) {
            session.insert("doctors", columns, rows);
            throw std::length_error("of the work");
        }),
                             std::length_error);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count());
        database_->transaction([&](SqlSession& session) { session.insert("doctors", columns, rows); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, count());
    }
};

using SqliteTransactionTest = TransactionTest<SqliteHome>;
using PostgresTransactionTest = TransactionTest<PostgresHome>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteTransactionTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresTransactionTest);
