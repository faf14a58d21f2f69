#include "ServerProcess.h"

#include <PostgresServer.h>
#include <RedisServer.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/object.hpp>

#include <csignal>
#include <future>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <thread>
#include <vector>

/// Several hosts on one PostgreSQL and one Redis are one platform.
class HostsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HostsTest);
    CPPUNIT_TEST(readWhatEachOtherWrites);
    CPPUNIT_TEST(countLimitsTogether);
    CPPUNIT_TEST(countInTheCacheTogether);
    CPPUNIT_TEST(hearEachOther);
    CPPUNIT_TEST(migrateOnceWhenTheyStartTogether);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<playhouse::tests::RedisServer> redis_;
    Backends backends_;

    static constexpr int limit = 20;  // of GET /ledger/limited

    std::unique_ptr<ServerProcess> host() const {
        return std::make_unique<ServerProcess>(
            "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures + "/ledger.so\n", backends_);
    }

    struct Pair {
        std::unique_ptr<ServerProcess> first;
        std::unique_ptr<ServerProcess> second;
    };

    Pair startedPair() const {
        Pair pair{host(), host()};
        pair.first->start();
        pair.second->start();
        return pair;
    }

public:
    void setUp() override {
        auto& postgres = playhouse::tests::PostgresServer::shared();
        redis_ = std::make_unique<playhouse::tests::RedisServer>();
        backends_ = {postgres.url(postgres.makeDatabase()), redis_->url()};
    }

    void tearDown() override { redis_.reset(); }

    void readWhatEachOtherWrites() {
        const auto pair = startedPair();
        const auto written = pair.first->post("/ledger", "from the first");
        CPPUNIT_ASSERT_EQUAL(std::string("201"), written.outcome());
        const std::string id(written.json().at("data").at("id").as_string());
        CPPUNIT_ASSERT_EQUAL(std::string("from the first"), pair.second->get("/ledger/entries/" + id).body);
    }

    void countLimitsTogether() {
        const auto pair = startedPair();
        for (int request = 0; request < limit; ++request) {
            const auto answer = (request % 2 == 0 ? pair.first : pair.second)->get("/ledger/limited");
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::to_string(limit - 1 - request), answer.headers.at("X-RateLimit-Remaining"));
        }
        for (const auto* server : {pair.first.get(), pair.second.get()}) {
            const auto refused = server->get("/ledger/limited");
            CPPUNIT_ASSERT_EQUAL(std::string("429 RATE_LIMITED"), refused.outcome());
            CPPUNIT_ASSERT(std::stoi(refused.headers.at("Retry-After")) > 0);
        }
    }

    void countInTheCacheTogether() {
        const auto pair = startedPair();
        for (std::int64_t count = 1; count <= 6; ++count)
            CPPUNIT_ASSERT_EQUAL(count, (count % 2 == 0 ? pair.first : pair.second)
                                            ->post("/ledger/counts/red", "")
                                            .json()
                                            .at("data")
                                            .at("count")
                                            .as_int64());
    }

    void hearEachOther() {
        const auto pair = startedPair();
        CPPUNIT_ASSERT_EQUAL(200, pair.first->post("/ledger/news", "curtain up").status);
        for (const auto* server : {pair.first.get(), pair.second.get()})
            while (server->get("/ledger/news").body.find("[\"curtain up\"]") == std::string::npos)
                std::this_thread::yield();
    }

    void migrateOnceWhenTheyStartTogether() {
        std::vector<std::unique_ptr<ServerProcess>> hosts;
        for (int number = 0; number < 4; ++number) hosts.push_back(host());
        std::vector<std::future<void>> starts;
        for (auto& server : hosts) starts.push_back(std::async(std::launch::async, [&server] { server->start(); }));
        for (auto& start : starts) start.get();
        std::map<std::string, int> applied;
        const std::regex line("[^\"\n]*applied the migration [0-9A-Za-z_.]+");
        for (auto& server : hosts) {
            CPPUNIT_ASSERT_EQUAL(std::string("200"), server->get("/readyz").outcome());
            CPPUNIT_ASSERT_EQUAL(std::string("201"), server->post("/ledger", "a note").outcome());
            server->signal(SIGTERM);
            server->waitForLog("every request was answered");
            const auto log = server->log();
            for (std::sregex_iterator found(log.begin(), log.end(), line), none; found != none; ++found) {
                const auto text = found->str();
                ++applied[text.substr(text.rfind(' ') + 1)];
            }
        }
        CPPUNIT_ASSERT(applied.contains("0001_ledger.sql"));
        for (const auto& [migration, times] : applied) CPPUNIT_ASSERT_EQUAL_MESSAGE(migration, 1, times);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostsTest);
