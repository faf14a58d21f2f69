#include "ServerProcess.h"

#include <PostgresServer.h>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int rounds = 50;
constexpr int connections = 4;
constexpr std::size_t longestNote = 6'000;  // more than a page of either database

/// Writes one note after the other on a connection of its own until that breaks, and knows which were answered.
class LedgerWriter {
public:
    LedgerWriter(std::uint16_t port, std::string name, std::atomic<long>& answered)
        : name_(std::move(name)), thread_([this, port, &answered] { run(port, answered); }) {}
    ~LedgerWriter() { finish(); }

    void finish() {
        if (thread_.joinable()) thread_.join();
    }

    const std::string& name() const { return name_; }
    const std::set<std::string>& ids() const { return ids_; }

private:
    void run(std::uint16_t port, std::atomic<long>& answered) {
        std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>()(name_)));
        try {
            Poco::Net::HTTPClientSession session("127.0.0.1", port);
            session.setKeepAlive(true);
            while (true) {
                const std::string note(random() % longestNote, 'n');
                Poco::Net::HTTPRequest request("POST", "/ledger?writer=" + name_, Poco::Net::HTTPMessage::HTTP_1_1);
                request.setContentLength64(static_cast<Poco::Int64>(note.size()));
                session.sendRequest(request) << note;
                Poco::Net::HTTPResponse response;
                std::string body;
                Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
                if (response.getStatus() != 201) continue;
                ids_.emplace(boost::json::parse(body).at("data").at("id").as_string());
                ++answered;
            }
        } catch (const std::exception&) {
            // The server is gone, maybe in the middle of an answer; what was whole before counts.
        }
    }

    std::string name_;
    std::set<std::string> ids_;
    std::thread thread_;
};

}  // namespace

/// `kill -9` at a random moment of a stream of writes: what was answered is there, and nobody has to repair anything.
class DurabilityTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DurabilityTest);
    CPPUNIT_TEST(sqliteKeepsEveryAnsweredWrite);
    CPPUNIT_TEST(postgresKeepsEveryAnsweredWrite);
    CPPUNIT_TEST_SUITE_END();

    std::mt19937 random_{std::random_device{}()};

    /// Kills `server`, by `kill`, some moments after a write was answered; the names and ids of what was answered.
    std::map<std::string, std::set<std::string>> killWhileWriting(const ServerProcess& server, int round,
                                                                  const std::function<void()>& kill) {
        std::atomic<long> answered{0};
        std::map<std::string, std::set<std::string>> written;
        {
            std::vector<std::unique_ptr<LedgerWriter>> writers;
            for (int number = 0; number < connections; ++number)
                writers.push_back(std::make_unique<LedgerWriter>(
                    server.port(), std::to_string(round) + "-" + std::to_string(number), answered));
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
            while (answered == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
            // Any moment of a write is as good as another: this one is left to chance.
            std::this_thread::sleep_for(std::chrono::microseconds(random_() % 60'000));
            kill();
            for (const auto& writer : writers) {
                writer->finish();
                written.emplace(writer->name(), writer->ids());
            }
        }
        CPPUNIT_ASSERT(answered > 0);
        return written;
    }

    /// @param mayBeMore  how many of the writer's transactions may be there that were not answered
    static void assertThere(const ServerProcess& server, const std::string& writer, const std::set<std::string>& ids,
                            std::size_t mayBeMore) {
        const auto found = server.get("/ledger/writers/" + writer);
        CPPUNIT_ASSERT_EQUAL(std::string("200"), found.outcome());
        const auto data = found.json().at("data");
        std::set<std::string> there;
        for (const auto& id : data.at("ids").as_array()) there.emplace(id.as_string());
        for (const auto& id : ids) CPPUNIT_ASSERT_MESSAGE(writer + " lost " + id, there.contains(id));
        CPPUNIT_ASSERT(there.size() <= ids.size() + mayBeMore);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(there.size()), data.at("entries").as_int64());
    }

    static void assertWhole(const ServerProcess& server) {
        const auto answer = server.get("/ledger/audit");
        CPPUNIT_ASSERT_EQUAL(std::string("200"), answer.outcome());
        const auto audit = answer.json().at("data").as_object();
        CPPUNIT_ASSERT_EQUAL(audit.at("counted").as_int64(), audit.at("entries").as_int64());
        if (const auto* integrity = audit.if_contains("integrity")) CPPUNIT_ASSERT(integrity->as_string() == "ok");
    }

    static std::string ledger() {
        return "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures + "/ledger.so\n";
    }

    /// @param kill  ends the server of the round, and makes what it needs ready for the next start
    void killAndStart(ServerProcess& server, const std::function<void(int)>& kill) {
        std::map<std::string, std::set<std::string>> all;
        server.start();
        for (int round = 0; round < rounds; ++round) {
            const auto written = killWhileWriting(server, round, [&] { kill(round); });
            server.start();
            for (const auto& [writer, ids] : written) assertThere(server, writer, ids, 1);
            assertWhole(server);
            all.insert(written.begin(), written.end());
        }
        for (const auto& [writer, ids] : all) assertThere(server, writer, ids, 1);
    }

public:
    void sqliteKeepsEveryAnsweredWrite() {
        ServerProcess server(ledger(), embeddedBackends());
        killAndStart(server, [&](int) { server.kill(); });
    }

    void postgresKeepsEveryAnsweredWrite() {
        playhouse::tests::PostgresServer postgres;
        ServerProcess server(ledger(), {.databaseUrl = postgres.url(postgres.makeDatabase()), .redisUrl = {}});
        killAndStart(server, [&](int round) {
            // Now and then the database dies with it, either one first.
            const bool both = round % 5 == 4;
            if (both && round % 2 == 0) postgres.kill();
            server.kill();
            if (both && round % 2 != 0) postgres.kill();
            postgres.start();
        });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DurabilityTest);
