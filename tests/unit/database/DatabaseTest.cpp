#include "DatabaseHome.h"

#include "platform/LoopThread.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Data/Session.h>

#include <atomic>
#include <future>
#include <limits>
#include <stdexcept>
#include <thread>

using namespace playhouse;
using namespace playhouse::tests;

/// Statements do the same on both databases.
template <class Home>
class DatabaseTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DatabaseTest);
    CPPUNIT_TEST(valuesComeBackAsTheyWereGiven);
    CPPUNIT_TEST(thePlatformsTablesAreThere);
    CPPUNIT_TEST(parametersMayStandTwiceAndInAnyOrder);
    CPPUNIT_TEST(aWrongNumberOfParametersIsRefused);
    CPPUNIT_TEST(whatWasChangedIsCounted);
    CPPUNIT_TEST(aSecondRowWithTheSameValueSaysSo);
    CPPUNIT_TEST(eachViolationHasItsKind);
    CPPUNIT_TEST(malformedStatementsAndValuesAreInvalid);
    CPPUNIT_TEST(textThatIsSqlStaysText);
    CPPUNIT_TEST(textThatNoDatabaseTakesIsRefusedBefore);
    CPPUNIT_TEST(largeTextsPass);
    CPPUNIT_TEST(aHundredThousandRowsAreInserted);
    CPPUNIT_TEST(anInsertIsWholeOrNotAtAll);
    CPPUNIT_TEST(malformedInsertsAreRefused);
    CPPUNIT_TEST(thousandsOfDifferentStatementsPass);
    CPPUNIT_TEST(aUsedUpPoolIsSaidSo);
    CPPUNIT_TEST(workWithinWorkIsRefused);
    CPPUNIT_TEST(aLoopThreadIsRefused);
    CPPUNIT_TEST(sumsAndAveragesAreNumbers);
    CPPUNIT_TEST(aTransactionLeftOpenIsRolledBack);
    CPPUNIT_TEST(pocoSessionsCanBeUsed);
    CPPUNIT_TEST(keptStatementsOutliveChangesOfTheirTable);
    CPPUNIT_TEST(manyThreadsWriteAtOnce);
    CPPUNIT_TEST_SUITE_END();

    Home home_;
    TestDatabase database_{[this] { return home_.settings(); }};

    void makeNotes() {
        database_.run(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, stars INTEGER, "
            "CHECK (stars < 6))");
    }

    std::int64_t count(const std::string& table) {
        return database_.run("SELECT count(*) AS n FROM " + table)[0].integer("n");
    }

public:
    void valuesComeBackAsTheyWereGiven() {
        database_.run(
            "CREATE TABLE kinds (flag BOOLEAN, whole BIGINT, number DOUBLE PRECISION, words TEXT, absence TEXT, "
            "moment TIMESTAMP, id UUID)");
        const auto moment = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::microseconds(250);
        const auto id = uuidText();
        const auto most = std::numeric_limits<std::int64_t>::min();
        database_.run("INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6, $7)",
                      {true, most, 0.1, "it's \"é\"\n\\", {}, sqlTime(moment), id});
        const auto rows = database_.run("SELECT * FROM kinds");
        const auto row = rows[0];
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.size());
        CPPUNIT_ASSERT(row.flag("flag"));
        CPPUNIT_ASSERT_EQUAL(most, row.integer("whole"));
        CPPUNIT_ASSERT_EQUAL(0.1, row.real("number"));
        CPPUNIT_ASSERT_EQUAL(std::string("it's \"é\"\n\\"), row.text("words"));
        CPPUNIT_ASSERT(row.isNull("absence") && !row.optionalText("absence"));
        CPPUNIT_ASSERT(moment == row.time("moment"));
        CPPUNIT_ASSERT_EQUAL(id, row.text("id"));
        CPPUNIT_ASSERT_THROW(row.text("absent"), std::out_of_range);
        CPPUNIT_ASSERT_THROW(row.text("absence"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(row.integer("words"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(rows[1], std::out_of_range);
    }

    void thePlatformsTablesAreThere() {
        database_.run("SELECT id, title, description, duration, upload_date, status FROM videos");
        database_.run("SELECT id, email, username, subscription_tier, created_at FROM users");
        database_.run("SELECT id, room_id, user_id, message, timestamp FROM chat_messages");
        database_.run(
            "INSERT INTO analytics_events (id, session_id, user_id, video_id, event_type, event_data, timestamp) "
            "VALUES "
            "($1, $1, $1, $1, 'play', $2, $3)",
            {uuidText(), "17", sqlTime(std::chrono::system_clock::now())});
        CPPUNIT_ASSERT_EQUAL(std::string("17"),
                             database_.run("SELECT event_data FROM analytics_events")[0].text("event_data"));
    }

    void parametersMayStandTwiceAndInAnyOrder() {
        makeNotes();
        database_.run("INSERT INTO notes (title, id, stars) VALUES ($2, $1, $1)", {std::int64_t{3}, "three"});
        const auto found = database_.run("SELECT stars FROM notes WHERE title = $2 AND id = $1 AND title <> $3",
                                         {std::int64_t{3}, "three", "four"});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, found[0].integer("stars"));
    }

    void aWrongNumberOfParametersIsRefused() {
        makeNotes();
        CPPUNIT_ASSERT_THROW(database_.run("SELECT * FROM notes WHERE id = $1"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(database_.run("SELECT * FROM notes", {std::int64_t{1}}), std::invalid_argument);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count("notes"));
    }

    void whatWasChangedIsCounted() {
        makeNotes();
        const auto insert = database_.run("INSERT INTO notes VALUES (1, 'a', 1), (2, 'b', 2)");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, insert.affected());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, database_.run("SELECT * FROM notes").affected());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, database_.run("DELETE FROM notes WHERE id = 9").affected());
        const auto updated = database_.run("UPDATE notes SET stars = 5 WHERE id = 1 RETURNING title AS Name");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, updated.affected());
        CPPUNIT_ASSERT_EQUAL(std::string("a"), updated[0].text("name"));
    }

    void aSecondRowWithTheSameValueSaysSo() {
        const auto insert = [&] {
            database_.run("INSERT INTO users (id, email, username) VALUES ($1, 'a@example.org', $2)",
                          {uuidText(), uuidText()});
        };
        insert();
        try {
            insert();
            CPPUNIT_FAIL("not refused");
        } catch (const SqlError& error) {
            CPPUNIT_ASSERT(error.isDuplicate("users", "email"));
            CPPUNIT_ASSERT(!error.isDuplicate("users", "username"));
            CPPUNIT_ASSERT(!error.isDuplicate("user", "s_email"));
        }
        CPPUNIT_ASSERT_EQUAL(1.0, database_.figure("playhouse_database_errors_total"));
        // Of an index with PostgreSQL's own name for it too.
        database_.run("CREATE TABLE handles (name TEXT, tag TEXT)");
        database_.run("CREATE UNIQUE INDEX handles_name_key ON handles (lower(name))");
        database_.run("INSERT INTO handles VALUES ('Ann', '1')");
        try {
            database_.run("INSERT INTO handles VALUES ('ann', '2')");
            CPPUNIT_FAIL("not refused");
        } catch (const SqlError& error) {
            CPPUNIT_ASSERT(error.isDuplicate("handles", "name"));
        }
    }

    void eachViolationHasItsKind() {
        makeNotes();
        database_.run("CREATE TABLE lines (note INTEGER REFERENCES notes (id))");
        const auto kindOf = [&](const std::string& sql) {
            return sqlErrorOf([&] { database_.run(sql); }).substr(0, 1);
        };
        using Kind = SqlError::Kind;
        const auto number = [](Kind kind) { return std::to_string(static_cast<int>(kind)); };
        CPPUNIT_ASSERT_EQUAL(number(Kind::ForeignKey), kindOf("INSERT INTO lines VALUES (77)"));
        CPPUNIT_ASSERT_EQUAL(number(Kind::Check), kindOf("INSERT INTO notes VALUES (1, 'a', 6)"));
        CPPUNIT_ASSERT_EQUAL(number(Kind::NotNull) + " notes.title",
                             sqlErrorOf([&] { database_.run("INSERT INTO notes VALUES (1, NULL, 1)"); }));
        database_.run("INSERT INTO notes VALUES (1, 'a', 1)");
        CPPUNIT_ASSERT_EQUAL(number(Kind::Unique), kindOf("INSERT INTO notes VALUES (1, 'b', 1)"));
    }

    void malformedStatementsAndValuesAreInvalid() {
        const auto invalid = std::to_string(static_cast<int>(SqlError::Kind::Invalid)) + " ";
        for (const std::string sql :
             {"SELEC 1", "SELECT * FROM absent", "", "  -- nothing", "SELECT 1; SELECT 2", "SELECT 1 AS a, nope"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(sql, invalid, sqlErrorOf([&] { database_.run(sql); }));
        CPPUNIT_ASSERT_EQUAL(invalid, sqlErrorOf([&] { database_.run(std::string("SELECT 1\0", 9)); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, database_.run("SELECT 1 AS one; -- fine\n")[0].integer("one"));
    }

    void textThatIsSqlStaysText() {
        makeNotes();
        const std::string attack = "x'); DROP TABLE notes; --";
        database_.run("INSERT INTO notes (id, title) VALUES (1, $1)", {attack});
        CPPUNIT_ASSERT_EQUAL(attack,
                             database_.run("SELECT title FROM notes WHERE title = $1", {attack})[0].text("title"));
        const std::vector<std::string> columns{"id", "title"};
        const std::vector<std::vector<SqlValue>> rows{{std::int64_t{2}, "\\N"}, {std::int64_t{3}, "a\tb\nc\rd\\."}};
        database_->use([&](SqlSession& session) { session.insert("notes", columns, rows); });
        CPPUNIT_ASSERT_EQUAL(std::string("\\N"),
                             database_.run("SELECT title FROM notes WHERE id = 2")[0].text("title"));
        CPPUNIT_ASSERT_EQUAL(std::string("a\tb\nc\rd\\."),
                             database_.run("SELECT title FROM notes WHERE id = 3")[0].text("title"));
    }

    void textThatNoDatabaseTakesIsRefusedBefore() {
        makeNotes();
        const auto invalid = std::to_string(static_cast<int>(SqlError::Kind::Invalid)) + " ";
        const std::vector<SqlValue> values{std::string("a\0b", 3), "\xff", "\xed\xa0\x80",
                                           std::numeric_limits<double>::quiet_NaN()};
        const std::vector<std::string> columns{"title"};
        for (const auto& value : values) {
            CPPUNIT_ASSERT_EQUAL(invalid, sqlErrorOf([&] { database_.run("SELECT $1", {value}); }));
            const std::vector<std::vector<SqlValue>> rows{{value}};
            CPPUNIT_ASSERT_EQUAL(
                invalid, sqlErrorOf([&] {
                    database_->use([&](SqlSession& session) { session.insert("notes", columns, rows); });
                }));
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count("notes"));
    }

    void largeTextsPass() {
        makeNotes();
        const std::string large(8 * 1024 * 1024, 'x');
        database_.run("CREATE TABLE texts (body TEXT)");
        database_.run("INSERT INTO texts VALUES ($1)", {large});
        CPPUNIT_ASSERT(database_.run("SELECT body FROM texts")[0].text("body") == large);
    }

    void aHundredThousandRowsAreInserted() {
        database_.run("CREATE TABLE events (id BIGINT, name TEXT, score DOUBLE PRECISION, seen BOOLEAN)");
        const std::vector<std::string> columns{"id", "name", "score", "seen"};
        std::vector<std::vector<SqlValue>> rows;
        for (std::int64_t id = 0; id < 100'000; ++id) rows.push_back({id, "event", {}, id % 2 == 0});
        database_->use([&](SqlSession& session) { session.insert("events", columns, rows); });
        const auto found =
            database_.run("SELECT count(*) AS n, sum(id) AS total FROM events WHERE seen AND score IS NULL");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50'000}, found[0].integer("n"));
    }

    void anInsertIsWholeOrNotAtAll() {
        makeNotes();
        const std::vector<std::string> columns{"id", "title"};
        const std::vector<std::vector<SqlValue>> rows{{std::int64_t{1}, "a"}, {std::int64_t{2}, "a"}};
        CPPUNIT_ASSERT_THROW(database_->use([&](SqlSession& session) { session.insert("notes", columns, rows); }),
                             SqlError);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count("notes"));
    }

    void malformedInsertsAreRefused() {
        makeNotes();
        const std::vector<std::vector<SqlValue>> rows{{std::int64_t{1}, "a"}};
        const auto insert = [&](const std::string& table, const std::vector<std::string>& columns) {
            database_->use([&](SqlSession& session) { session.insert(table, columns, rows); });
        };
        CPPUNIT_ASSERT_THROW(insert("notes; DROP TABLE notes", {"id", "title"}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(insert("notes", {"id", "title\""}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(insert("notes", {"id"}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(insert("notes", {}), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(insert("absent", {"id", "title"}), SqlError);
        insert("Notes", {"ID", "title"});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count("notes"));
    }

    void thousandsOfDifferentStatementsPass() {
        database_->use([&](SqlSession& session) {
            for (int number = 0; number < 1000; ++number)
                session.run("SELECT " + std::to_string(number) + " AS n WHERE $1 = 1", {std::int64_t{1}});
        });
    }

    void aUsedUpPoolIsSaidSo() {
        auto settings = home_.settings();
        settings.sessions = 2;
        settings.patience = std::chrono::milliseconds(1'000);
        database_.run("SELECT 1");
        TestDatabase small(settings);
        std::promise<void> over;
        const auto end = over.get_future().share();
        std::atomic<int> inside{0};
        std::vector<std::future<void>> holders;
        for (int index = 0; index < 2; ++index)
            holders.push_back(std::async(std::launch::async, [&] {
                small->use([&](SqlSession&) {
                    ++inside;
                    end.wait();
                });
            }));
        const bool areInside = eventually([&] { return inside == 2; });
        const auto answer = answerOf([&] { small.run("SELECT 1"); });
        over.set_value();
        CPPUNIT_ASSERT(areInside);
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), answer);
        for (auto& holder : holders) holder.get();
        CPPUNIT_ASSERT_EQUAL(std::string("none"), answerOf([&] { small.run("SELECT 1"); }));
    }

    void workWithinWorkIsRefused() {
        CPPUNIT_ASSERT_THROW(database_->use([&](SqlSession&) { database_.run("SELECT 1"); }), std::logic_error);
        database_.run("SELECT 1");
    }

    void aLoopThreadIsRefused() {
        std::string refusal;
        std::thread([&] {
            host::markLoopThread();
            try {
                database_.run("SELECT 1");
            } catch (const std::logic_error& problem) {
                refusal = problem.what();
            }
        }).join();
        CPPUNIT_ASSERT_MESSAGE(refusal, refusal.find("Execution::Inline") != std::string::npos);
    }

    void sumsAndAveragesAreNumbers() {
        database_.run("CREATE TABLE views (seconds BIGINT, price NUMERIC(10, 2))");
        database_.run("INSERT INTO views VALUES (9000000000, 12.50), (3, 0.75)");
        const auto found = database_.run(
            "SELECT sum(seconds) AS total, avg(seconds) AS mean, sum(price) AS paid, max(price) AS most, "
            "sum(seconds) FILTER (WHERE seconds < 0) AS none FROM views");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{9'000'000'003}, found[0].integer("total"));
        CPPUNIT_ASSERT_EQUAL(4'500'000'001.5, found[0].real("mean"));
        CPPUNIT_ASSERT_EQUAL(13.25, found[0].real("paid"));
        CPPUNIT_ASSERT_EQUAL(12.5, found[0].real("most"));
        CPPUNIT_ASSERT(found[0].isNull("none"));
    }

    void aTransactionLeftOpenIsRolledBack() {
        makeNotes();
        database_->use([&](SqlSession& session) {
            session.run("BEGIN");
            session.run("INSERT INTO notes VALUES (1, 'a', 1)");
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, count("notes"));
    }

    void pocoSessionsCanBeUsed() {
        makeNotes();
        database_->use([&](SqlSession& session) {
            session.session() << "INSERT INTO notes VALUES (1, 'a', 1)", Poco::Data::Keywords::now;
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count("notes"));
    }

    void keptStatementsOutliveChangesOfTheirTable() {
        makeNotes();
        database_.run("INSERT INTO notes VALUES (1, 'a', 1)");
        database_->use([&](SqlSession& session) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{3}, session.run("SELECT * FROM notes").columns().size());
            session.run("ALTER TABLE notes ADD COLUMN more TEXT");
            CPPUNIT_ASSERT_EQUAL(std::size_t{4}, session.run("SELECT * FROM notes").columns().size());
        });
        database_->transaction([&](SqlSession& session) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{4}, session.run("SELECT * FROM notes").columns().size());
        });
        database_.run("ALTER TABLE notes ADD COLUMN most TEXT");
        database_->transaction([&](SqlSession& session) {
            CPPUNIT_ASSERT_EQUAL(std::size_t{5}, session.run("SELECT * FROM notes").columns().size());
        });
    }

    void manyThreadsWriteAtOnce() {
        database_.run("CREATE TABLE tally (id INTEGER PRIMARY KEY, n INTEGER)");
        database_.run("INSERT INTO tally VALUES (1, 0)");
        std::vector<std::future<void>> writers;
        for (int index = 0; index < 6; ++index)
            writers.push_back(std::async(std::launch::async, [&, index] {
                for (int turn = 0; turn < 20; ++turn) {
                    database_.run("INSERT INTO tally VALUES ($1, 0)", {std::int64_t{100 + index * 20 + turn}});
                    database_.run("UPDATE tally SET n = n + 1 WHERE id = 1");
                }
            }));
        for (auto& writer : writers) writer.get();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{120}, database_.run("SELECT n FROM tally WHERE id = 1")[0].integer("n"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{121}, count("tally"));
    }
};

using SqliteDatabaseTest = DatabaseTest<SqliteHome>;
using PostgresDatabaseTest = DatabaseTest<PostgresHome>;
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteDatabaseTest);
CPPUNIT_TEST_SUITE_REGISTRATION(PostgresDatabaseTest);
