#include "../fixtures/Eventually.h"
#include "AuthServer.h"
#include "ServerProcess.h"

#include <PostgresServer.h>
#include <RedisServer.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <csignal>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <thread>
#include <vector>

using auth_server::ask;

/// Several hosts on one PostgreSQL and one Redis are one platform.
class HostsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HostsTest);
    CPPUNIT_TEST(readWhatEachOtherWrites);
    CPPUNIT_TEST(countLimitsTogether);
    CPPUNIT_TEST(countInTheCacheTogether);
    CPPUNIT_TEST(hearEachOther);
    CPPUNIT_TEST(migrateOnceWhenTheyStartTogether);
    CPPUNIT_TEST(aLoginOfOneIsGoodOnTheOther);
    CPPUNIT_TEST(aLogoutOnOneIsALogoutOnTheOther);
    CPPUNIT_TEST(aLogoutReachesTheOtherWithoutMessages);
    CPPUNIT_TEST(theUserOfTheDocumentationIsEnoughForALogout);
    CPPUNIT_TEST(aSuspensionEndsSessionsOnAll);
    CPPUNIT_TEST(aNewPasswordEndsSessionsOnAll);
    CPPUNIT_TEST(aProfileChangedOnOneShowsOnTheOther);
    CPPUNIT_TEST(guessesAreCountedTogether);
    CPPUNIT_TEST(demoAccountsAreMadeByOne);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<playhouse::tests::RedisServer> redis_;
    Backends backends_;

    static constexpr int limit = 20;  // of GET /ledger/limited

    std::unique_ptr<ServerProcess> host() const {
        return std::make_unique<ServerProcess>(
            "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures + "/ledger.so\n" +
                auth_server::configuration() + "identity.secret = one secret for all hosts, of more than 32 bytes\n",
            backends_);
    }

    /// What is told to other hosts is there soon.
    static void becomes(const std::string& outcome, const ServerProcess& server, const std::string& path,
                        const std::string& token) {
        const auto isThere = [&] { return ask(server, "GET", path, token).outcome() == outcome; };
        CPPUNIT_ASSERT_MESSAGE(outcome, playhouse::tests::eventually(isThere));
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
        CPPUNIT_ASSERT(applied.contains("0001_ledger.sql") && applied.contains("0001_accounts.sql"));
        for (const auto& [migration, times] : applied) CPPUNIT_ASSERT_EQUAL_MESSAGE(migration, 1, times);
    }

    void aLoginOfOneIsGoodOnTheOther() {
        const auto [first, second] = startedPair();
        const auto ann = auth_server::join(*first, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(*second, "GET", "/auth/profile", ann.accessToken).status);
        const auto refreshed =
            auth_server::memberOf(ask(*second, "POST", "/auth/refresh", {}, {{"refreshToken", ann.refreshToken}}));
        CPPUNIT_ASSERT_EQUAL(200, ask(*first, "GET", "/auth/profile", refreshed.accessToken).status);
        auth_server::login(*second, "ann@example.org", auth_server::password());
        const auto sessions = ask(*first, "GET", "/auth/sessions", ann.accessToken).json();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sessions.at("data").at("sessions").as_array().size());
    }

    void aLogoutOnOneIsALogoutOnTheOther() {
        const auto [first, second] = startedPair();
        const auto ann = auth_server::join(*first, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(*first, "GET", "/auth/profile", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(204, ask(*second, "POST", "/auth/logout", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(std::string("401 TOKEN_REVOKED"),
                             ask(*second, "GET", "/auth/profile", ann.accessToken).outcome());
        becomes("401 TOKEN_REVOKED", *first, "/auth/profile", ann.accessToken);
        CPPUNIT_ASSERT_EQUAL(std::string("401 REFRESH_TOKEN_INVALID"),
                             ask(*first, "POST", "/auth/refresh", {}, {{"refreshToken", ann.refreshToken}}).outcome());
    }

    void aLogoutReachesTheOtherWithoutMessages() {
        backends_.redisUrl.clear();
        const auto [first, second] = startedPair();
        const auto ann = auth_server::join(*first, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(*second, "GET", "/auth/profile", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(204, ask(*first, "POST", "/auth/logout", ann.accessToken).status);
        becomes("401 TOKEN_REVOKED", *second, "/auth/profile", ann.accessToken);
    }

    void theUserOfTheDocumentationIsEnoughForALogout() {
        backends_.redisUrl = redis_->urlOfDocumentedUser();
        const auto [first, second] = startedPair();
        const auto states = first->get("/readyz").json().at("data").as_object();
        CPPUNIT_ASSERT_EQUAL(std::string("listening"), std::string(states.at("bus").as_string()));
        const auto ann = auth_server::join(*first, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(*first, "GET", "/auth/profile", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(204, ask(*second, "POST", "/auth/logout", ann.accessToken).status);
        becomes("401 TOKEN_REVOKED", *first, "/auth/profile", ann.accessToken);
    }

    void aSuspensionEndsSessionsOnAll() {
        const auto [first, second] = startedPair();
        const auto admin = auth_server::demo(*first, "admin");
        const auto ann = auth_server::join(*second, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(*second, "GET", "/auth/profile", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(200, ask(*first, "POST", "/auth/admin/users/" + ann.id + "/suspend", admin.accessToken,
                                      {{"reason", "spam"}})
                                      .status);
        for (const auto* server : {first.get(), second.get()})
            becomes("401 TOKEN_REVOKED", *server, "/auth/profile", ann.accessToken);
    }

    void aNewPasswordEndsSessionsOnAll() {
        const auto [first, second] = startedPair();
        const auto here = auth_server::join(*first, "ann");
        const auto there = auth_server::login(*second, "ann@example.org", auth_server::password());
        const std::string next = "marble orchard tide 93";
        CPPUNIT_ASSERT_EQUAL(204, ask(*first, "POST", "/auth/password", here.accessToken,
                                      {{"currentPassword", auth_server::password()}, {"newPassword", next}})
                                      .status);
        becomes("401 TOKEN_REVOKED", *second, "/auth/profile", there.accessToken);
        CPPUNIT_ASSERT_EQUAL(200, ask(*second, "GET", "/auth/profile", here.accessToken).status);
        auth_server::login(*second, "ann@example.org", next);
    }

    void aProfileChangedOnOneShowsOnTheOther() {
        const auto [first, second] = startedPair();
        const auto ann = auth_server::join(*first, "ann");
        CPPUNIT_ASSERT_EQUAL(200, ask(*second, "GET", "/auth/profile", ann.accessToken).status);
        CPPUNIT_ASSERT_EQUAL(200,
                             ask(*first, "PATCH", "/auth/profile", ann.accessToken, {{"username", "anna"}}).status);
        const auto shown = [&ann](const ServerProcess& server) {
            return std::string(
                ask(server, "GET", "/auth/profile", ann.accessToken).json().at("data").at("username").as_string());
        };
        CPPUNIT_ASSERT_EQUAL(std::string("anna"), shown(*first));
        CPPUNIT_ASSERT(playhouse::tests::eventually([&] { return shown(*second) == "anna"; }));
    }

    void guessesAreCountedTogether() {
        const auto [first, second] = startedPair();
        for (int number = 0; number < 6; ++number)
            CPPUNIT_ASSERT_EQUAL(std::string("401 INVALID_CREDENTIALS"),
                                 ask(number % 2 == 0 ? *first : *second, "POST", "/auth/login", {},
                                     {{"email", "ann@example.org"}, {"password", "wrong"}})
                                     .outcome());
        for (const auto* server : {first.get(), second.get()})
            CPPUNIT_ASSERT_EQUAL(
                std::string("429 LOGIN_LOCKED"),
                ask(*server, "POST", "/auth/login", {}, {{"email", "ann@example.org"}, {"password", "wrong"}})
                    .outcome());
    }

    void demoAccountsAreMadeByOne() {
        std::vector<std::unique_ptr<ServerProcess>> hosts;
        for (int number = 0; number < 3; ++number) hosts.push_back(host());
        std::vector<std::future<void>> starts;
        for (auto& server : hosts) starts.push_back(std::async(std::launch::async, [&server] { server->start(); }));
        for (auto& start : starts) start.get();
        int files = 0;
        for (const auto& server : hosts) {
            CPPUNIT_ASSERT_EQUAL(200, server->get("/auth/tiers").status);
            if (!std::filesystem::exists(server->storage() / "demo-credentials.json")) continue;
            ++files;
            for (const auto* role : {"viewer", "moderator", "admin"}) auth_server::demo(*server, role);
        }
        CPPUNIT_ASSERT_EQUAL(1, files);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostsTest);
