#include "../control/CapturedLog.h"
#include "DatabaseHome.h"

#include "configuration/DatabaseUrl.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace playhouse;
using namespace playhouse::tests;

namespace {

constexpr const char* fileVariable = "PLAYHOUSE_TEST_DATABASE_DIRECTORY";

}  // namespace

/// The embedded database's file: whole after any end of the process, and never overwritten when it is another's.
class SqliteFileTest final : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SqliteFileTest);
    CPPUNIT_TEST(everyAnsweredWriteSurvivesAKill);
    CPPUNIT_TEST(writesUntilItIsKilled);
    CPPUNIT_TEST(aFileThatIsNoDatabaseIsLeftAsItIs);
    CPPUNIT_TEST(aFullDiskIsToldAndLeavesWhatWas);
    CPPUNIT_TEST(anotherProcessThatWritesIsWaitedFor);
    CPPUNIT_TEST(theFileIsMadeWhereItIsMissing);
    CPPUNIT_TEST(theFileIsForItsOwnerAlone);
    CPPUNIT_TEST(theModeOfAFileThatIsThereStays);
    CPPUNIT_TEST(aFileThatCannotBeWrittenIsToldOnce);
    CPPUNIT_TEST(nothingIsMadeBeforeItIsUsed);
    CPPUNIT_TEST_SUITE_END();

    using Mode = std::filesystem::perms;
    static constexpr Mode ownerAlone = Mode::owner_read | Mode::owner_write;
    static constexpr Mode forItsGroup = ownerAlone | Mode::group_read;

    ScratchDirectory directory_;

    static Mode modeOf(const std::filesystem::path& file) { return std::filesystem::status(file).permissions(); }

    static host::DatabaseSettings settings(const std::filesystem::path& directory) {
        auto settings = host::databaseOf("", directory);
        settings.patience = std::chrono::seconds(20);
        return settings;
    }

    /// Starts this program once more as a writer into the directory; returns its process and the end of its output.
    pid_t startWriter(int& output) const {
        int ends[2];
        CPPUNIT_ASSERT(::pipe(ends) == 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        ::setenv(fileVariable, directory_.path().c_str(), 1);
        std::string program = "/proc/self/exe";
        std::string filter = "SqliteFileTest::writesUntilItIsKilled";
        char* arguments[] = {program.data(), filter.data(), nullptr};
        pid_t writer = 0;
        CPPUNIT_ASSERT(::posix_spawn(&writer, program.c_str(), &actions, nullptr, arguments, environ) == 0);
        ::unsetenv(fileVariable);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        output = ends[0];
        return writer;
    }

public:
    void everyAnsweredWriteSurvivesAKill() {
        std::set<std::int64_t> answered;
        for (int round = 1; round <= 5; ++round) {
            int output = -1;
            const auto writer = startWriter(output);
            FILE* const lines = ::fdopen(output, "r");
            char line[256];
            int written = 0;
            // What is read is an answer; a killed writer may have answered more, which must hold as well.
            while (::fgets(line, sizeof line, lines) != nullptr) {
                std::int64_t id = 0;
                const std::string_view text(line);
                if (!text.starts_with("wrote ")) continue;
                std::from_chars(text.data() + 6, text.data() + text.size(), id);
                answered.insert(id);
                if (++written == 7 * round) ::kill(writer, SIGKILL);
            }
            ::fclose(lines);
            int status = 0;
            ::waitpid(writer, &status, 0);
            CPPUNIT_ASSERT(WIFSIGNALED(status));

            TestDatabase database(settings(directory_.path()));
            const auto rows = database.run("SELECT id FROM stream");
            std::set<std::int64_t> found;
            for (std::size_t index = 0; index < rows.size(); ++index) found.insert(rows[index].integer("id"));
            for (const auto id : answered) CPPUNIT_ASSERT(found.contains(id));
            CPPUNIT_ASSERT_EQUAL(std::string("ok"), database.run("PRAGMA integrity_check")[0].text("integrity_check"));
        }
    }

    /// For the test before, in a process of its own.
    void writesUntilItIsKilled() {
        const char* directory = ::getenv(fileVariable);
        if (directory == nullptr) return;
        TestDatabase database(settings(directory));
        database.run("CREATE TABLE IF NOT EXISTS stream (id INTEGER PRIMARY KEY, text TEXT)");
        while (true) {
            const auto id = database->transaction([](SqlSession& session) {
                return session.run("INSERT INTO stream (text) VALUES ($1) RETURNING id", {std::string(3000, 'x')})[0]
                    .integer("id");
            });
            const auto line = "\nwrote " + std::to_string(id) + "\n";
            CPPUNIT_ASSERT(::write(STDOUT_FILENO, line.data(), line.size()) > 0);
        }
    }

    void aFileThatIsNoDatabaseIsLeftAsItIs() {
        const auto file = directory_.path() / "playhouse.db";
        const std::string content(8192, 'z');
        std::ofstream(file) << content;
        TestDatabase database(settings(directory_.path()));
        CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_UNAVAILABLE"), answerOf([&] { database.run("SELECT 1"); }));
        CPPUNIT_ASSERT(!database->isUp());
        std::ifstream stream(file);
        CPPUNIT_ASSERT(content == std::string(std::istreambuf_iterator<char>(stream), {}));
        try {
            host::sqliteConnector(settings(directory_.path()))->connect();
            CPPUNIT_FAIL("connected");
        } catch (const std::runtime_error& refusal) {
            const std::string text = refusal.what();
            CPPUNIT_ASSERT_MESSAGE(text, text.find(file.string()) != std::string::npos &&
                                             text.find("it is left as it is") != std::string::npos);
        }
    }

    void aFullDiskIsToldAndLeavesWhatWas() {
        auto one = settings(directory_.path());
        one.sessions = 1;
        TestDatabase database(one);
        database.run("CREATE TABLE notes (text TEXT)");
        database.run("INSERT INTO notes VALUES ('first')");
        const auto pages = database.run("PRAGMA page_count")[0].integer("page_count");
        database.run("PRAGMA max_page_count = " + std::to_string(pages + 2));
        const auto fill = [&] { database.run("INSERT INTO notes VALUES ($1)", {std::string(100'000, 'x')}); };
        CPPUNIT_ASSERT_EQUAL(std::string("507 STORAGE_FULL"), answerOf(fill));
        CPPUNIT_ASSERT_EQUAL(std::string("507 STORAGE_FULL"), answerOf([&] {
                                 database->transaction([](SqlSession& session) {
                                     session.run("INSERT INTO notes VALUES ('second')");
                                     session.run("INSERT INTO notes VALUES ($1)", {std::string(100'000, 'x')});
                                 });
                             }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, database.run("SELECT text FROM notes").size());
        database.run("PRAGMA max_page_count = 1000000");
        CPPUNIT_ASSERT_EQUAL(std::string("none"), answerOf(fill));
    }

    void anotherProcessThatWritesIsWaitedFor() {
        int output = -1;
        const auto writer = startWriter(output);
        FILE* const lines = ::fdopen(output, "r");
        char line[256];
        while (::fgets(line, sizeof line, lines) != nullptr && !std::string_view(line).starts_with("wrote ")) {
        }
        std::string told;
        {
            TestDatabase database(settings(directory_.path()));
            for (int number = 0; number < 10 && told.find("503") == std::string::npos; ++number)
                told = answerOf([&] { database.run("INSERT INTO stream (text) VALUES ('here')"); });
        }
        ::kill(writer, SIGKILL);
        ::fclose(lines);
        ::waitpid(writer, nullptr, 0);
        CPPUNIT_ASSERT_EQUAL(std::string("none"), told);
    }

    void theFileIsMadeWhereItIsMissing() {
        const auto file = directory_.path() / "deep/er/own.db";
        TestDatabase database(host::databaseOf("sqlite://" + file.string(), "/nowhere"));
        database.run("SELECT 1");
        CPPUNIT_ASSERT(std::filesystem::exists(file));
    }

    void theFileIsForItsOwnerAlone() {
        TestDatabase database(settings(directory_.path()));
        database.run("CREATE TABLE secrets (text TEXT)");
        int files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
            ++files;
            CPPUNIT_ASSERT_MESSAGE(entry.path().string(), modeOf(entry.path()) == ownerAlone);
        }
        // With the log and the index beside it.
        CPPUNIT_ASSERT_EQUAL(3, files);
    }

    void theModeOfAFileThatIsThereStays() {
        const auto file = directory_.path() / "playhouse.db";
        std::ofstream(file).flush();
        std::filesystem::permissions(file, forItsGroup);
        TestDatabase database(settings(directory_.path()));
        database.run("SELECT 1");
        CPPUNIT_ASSERT(modeOf(file) == forItsGroup);
    }

    void aFileThatCannotBeWrittenIsToldOnce() {
        auto one = settings(directory_.path());
        one.sessions = 1;
        TestDatabase database(one);
        database.run("CREATE TABLE notes (text TEXT)");
        const CapturedLog log("database");
        for (int time = 0; time < 3; ++time) {
            // What SQLite says of a file that it may not write; for the user root there is no other.
            database.run("PRAGMA query_only = ON");
            CPPUNIT_ASSERT_EQUAL(std::string("503 DATABASE_READ_ONLY"),
                                 answerOf([&] { database.run("INSERT INTO notes VALUES ('a')"); }));
            CPPUNIT_ASSERT(database->isUp());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, log.lines().size());
        CPPUNIT_ASSERT_MESSAGE(log.lines()[0], log.lines()[0].find("takes no writes") != std::string::npos);
        database.run("INSERT INTO notes VALUES ('a')");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, log.lines().size());
    }

    void nothingIsMadeBeforeItIsUsed() {
        TestDatabase database(settings(directory_.path()));
        CPPUNIT_ASSERT(database->needOf({"chat", "1.0.0"}, nullptr) == host::HostDatabase::Need::Nothing);
        CPPUNIT_ASSERT(std::filesystem::is_empty(directory_.path()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteFileTest);
