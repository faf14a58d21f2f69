#include "HttpLoad.h"
#include "ServerProcess.h"

#include <PostgresServer.h>
#include <RedisServer.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/object.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

/// What a client may have to wait for while the database or Redis is away.
constexpr std::chrono::seconds promisedAnswer{2};

/// More than the server has workers (16), so that what one of them waits for is waited for by others too.
constexpr int clientsOfTheDatabase = 64;
constexpr int clientsOfRedis = 8;

void eventually(const std::string& what, const std::function<bool()>& condition) {
    const auto deadline = Clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        CPPUNIT_ASSERT_MESSAGE(what, Clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

/// Somebody who asks a worker for what needs neither, one answer after the other.
class Bystander {
public:
    explicit Bystander(const ServerProcess& server) : server_(server) {}
    ~Bystander() { stopping_ = true; }

    void assertServedWell() {
        stopping_ = true;
        asking_.get();
        CPPUNIT_ASSERT(answered_ > 0);
        CPPUNIT_ASSERT_EQUAL(std::string("200"), worstOutcome_);
        CPPUNIT_ASSERT_MESSAGE("a route that needs no database was answered late", longest_ < promisedAnswer);
    }

private:
    void ask() {
        while (!stopping_) {
            const auto asked = Clock::now();
            const auto outcome = server_.get("/ledger/news").outcome();
            longest_ = std::max(longest_, Clock::now() - asked);
            if (worstOutcome_ == "200") worstOutcome_ = outcome;
            ++answered_;
        }
    }

    const ServerProcess& server_;
    std::atomic<bool> stopping_{false};
    long answered_ = 0;
    Clock::duration longest_{0};
    std::string worstOutcome_ = "200";
    std::future<void> asking_ = std::async(std::launch::async, [this] { ask(); });
};

}  // namespace

/// PostgreSQL and Redis go and come back under load: who needs them is told in time, everybody else notices nothing.
class OutageTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OutageTest);
    CPPUNIT_TEST(aDatabaseThatIsStoppedIsToldAndComesBack);
    CPPUNIT_TEST(aDatabaseThatIsKilledIsToldAndComesBack);
    CPPUNIT_TEST(aDatabaseThatHangsIsToldAndComesBack);
    CPPUNIT_TEST(aDatabaseThatCanOnlyBeReadIsToldOnceAndUsedOnceItCanBeWritten);
    CPPUNIT_TEST(aRedisThatIsStoppedIsToldAndComesBack);
    CPPUNIT_TEST(aRedisThatHangsIsToldAndComesBack);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<playhouse::tests::RedisServer> redis_;
    TemporaryDirectory directory_;

    static playhouse::tests::PostgresServer& postgres() { return playhouse::tests::PostgresServer::shared(); }

    std::string configuration() const {
        const auto film = directory_.write("film.mp4", std::string(100'000, 'f'));
        return "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures +
               "/ledger.so\nplugin.ledger.file = " + film.string() + "\n";
    }

    Backends backends() const { return {postgres().url(postgres().makeDatabase()), redis_->url()}; }

    static void assertState(const ServerProcess& server, const std::string& backend, const std::string& state) {
        eventually(backend + " is never " + state, [&] {
            const auto answer = server.get("/readyz");
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            return answer.json().at("data").at(backend).as_string() == state;
        });
    }

    /// What several clients that post there at once are told; none waits longer than promised.
    static void assertAllTold(const ServerProcess& server, const std::string& path, const std::string& outcome,
                              int count = clientsOfRedis) {
        std::vector<std::future<void>> clients;
        for (int client = 0; client < count; ++client)
            clients.push_back(std::async(std::launch::async, [&, client] {
                // Each its own row, so that none is refused for the others' sake.
                const auto own =
                    path + (path.find('?') == std::string::npos ? '?' : '&') + "writer=" + std::to_string(client);
                const auto asked = Clock::now();
                CPPUNIT_ASSERT_EQUAL(outcome, server.post(own, "a note").outcome());
                CPPUNIT_ASSERT_MESSAGE(path + " was answered late", Clock::now() - asked < promisedAnswer);
            }));
        for (auto& client : clients) client.get();
    }

    /// Whether the write is answered well; while the server finds its way back, 503 is an answer too.
    static bool isWritten(const ServerProcess& server, const std::string& path) {
        const auto outcome = server.post(path, "a note").outcome();
        CPPUNIT_ASSERT_MESSAGE(outcome, outcome.starts_with("20") || outcome.starts_with("503 "));
        return outcome.starts_with("20");
    }

    void assertDatabaseOutage(const std::function<void()>& end, const std::function<void()>& begin) {
        ServerProcess server(configuration(), backends());
        server.start();
        HttpLoad streaming(server.port(), {{"/ledger/file", {HttpLoad::fetch(server.port(), "/ledger/file")}}}, 4, 400);
        streaming.start();
        Bystander bystander(server);
        assertAllTold(server, "/ledger", "201", clientsOfTheDatabase);
        end();
        // Longer than it takes to notice: those who come later are told as well.
        for (int time = 0; time < 3; ++time)
            assertAllTold(server, "/ledger", "503 DATABASE_UNAVAILABLE", clientsOfTheDatabase);
        assertState(server, "database", "down");
        CPPUNIT_ASSERT_EQUAL(std::string("200"), server.post("/ledger/counts/red", "").outcome());
        begin();
        eventually("the database is never used again", [&] { return isWritten(server, "/ledger"); });
        assertState(server, "database", "up");
        assertAllTold(server, "/ledger", "201", clientsOfTheDatabase);
        bystander.assertServedWell();
        assertServedOn(streaming);
    }

    static void assertServedOn(HttpLoad& streaming) {
        streaming.finish();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(streaming.firstFailure(), 0L, streaming.failed());
        CPPUNIT_ASSERT(streaming.answered() > 0);
    }

    void assertRedisOutage(const std::function<void()>& end, const std::function<void()>& begin) {
        ServerProcess server(configuration(), backends());
        server.start();
        HttpLoad streaming(server.port(), {{"/ledger/file", {HttpLoad::fetch(server.port(), "/ledger/file")}}}, 4, 400);
        streaming.start();
        assertAllTold(server, "/ledger/counts/red", "200");
        end();
        for (int time = 0; time < 3; ++time) {
            assertAllTold(server, "/ledger/counts/red", "503 CACHE_UNAVAILABLE");
            assertAllTold(server, "/ledger/counts/red?local", "200");
            assertAllTold(server, "/ledger/news", "503 BUS_UNAVAILABLE");
            assertAllTold(server, "/ledger/news?local", "200");
        }
        assertState(server, "redis", "down");
        assertState(server, "bus", "deaf");
        CPPUNIT_ASSERT_EQUAL(std::string("201"), server.post("/ledger", "a note").outcome());
        begin();
        eventually("Redis is never used again", [&] { return isWritten(server, "/ledger/counts/red"); });
        assertState(server, "redis", "up");
        assertState(server, "bus", "listening");
        assertAllTold(server, "/ledger/counts/red", "200");
        eventually("messages never arrive again", [&] {
            isWritten(server, "/ledger/news");
            return server.get("/ledger/news").body.find("a note") != std::string::npos;
        });
        assertServedOn(streaming);
    }

public:
    void setUp() override { redis_ = std::make_unique<playhouse::tests::RedisServer>(); }

    void tearDown() override {
        postgres().resume();
        postgres().start();
        redis_.reset();
    }

    void aDatabaseThatIsStoppedIsToldAndComesBack() {
        assertDatabaseOutage([] { postgres().stop(); }, [] { postgres().start(); });
    }

    void aDatabaseThatIsKilledIsToldAndComesBack() {
        assertDatabaseOutage([] { postgres().kill(); }, [] { postgres().start(); });
    }

    void aDatabaseThatHangsIsToldAndComesBack() {
        assertDatabaseOutage([] { postgres().pause(); }, [] { postgres().resume(); });
    }

    void aDatabaseThatCanOnlyBeReadIsToldOnceAndUsedOnceItCanBeWritten() {
        const auto name = postgres().makeDatabase();
        postgres().execute("postgres", "ALTER DATABASE " + name + " SET default_transaction_read_only = on");
        ServerProcess server(configuration(), {postgres().url(name), redis_->url()});
        server.start();
        const std::string reason = "plugins the host ";
        server.waitForLog(reason);
        const auto sinceWhen = [&server] {
            const auto shown = runProgram("playhousectl", server.control({"plugins", "--json"})).output;
            const auto since = shown.find("\"since\"");
            CPPUNIT_ASSERT_MESSAGE(shown, since != std::string::npos);
            return shown.substr(since, shown.find('Z', since) - since);
        };
        // The second try, and the third.
        for (int time = 0; time < 2; ++time)
            eventually("it is never tried again", [&, before = sinceWhen()] { return sinceWhen() != before; });
        postgres().execute("postgres", "ALTER DATABASE " + name + " SET default_transaction_read_only = off");
        eventually("it is never used", [&] { return server.post("/ledger", "a note").status == 201; });
        const auto log = server.log();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(log, log.rfind(reason), log.find(reason));
    }

    void aRedisThatIsStoppedIsToldAndComesBack() {
        assertRedisOutage([this] { redis_->stop(); }, [this] { redis_->start(); });
    }

    void aRedisThatHangsIsToldAndComesBack() {
        assertRedisOutage([this] { redis_->pause(); }, [this] { redis_->resume(); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OutageTest);
