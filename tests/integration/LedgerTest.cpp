#include "ServerProcess.h"

#include <cppunit/extensions/HelperMacros.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

std::string ledger() {
    return "plugin.ledger.enabled = true\nplugin.ledger.library = " + fixtures + "/ledger.so\n";
}

}  // namespace

/// What a plugin keeps in the services of the platform, through the program, on whatever backends this run is for.
class LedgerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LedgerTest);
    CPPUNIT_TEST(runsOnTheBackendsThatItWasToldOf);
    CPPUNIT_TEST(keepsWhatWasWrittenAcrossARestart);
    CPPUNIT_TEST(refusesAnIdThatIsNone);
    CPPUNIT_TEST(countsInTheCache);
    CPPUNIT_TEST(deliversMessages);
    CPPUNIT_TEST_SUITE_END();

public:
    void runsOnTheBackendsThatItWasToldOf() {
        ServerProcess server(ledger());
        server.start();
        const auto states = server.get("/readyz").json().at("data").as_object();
        CPPUNIT_ASSERT(states.at("database").as_string() == "up");
        const char* const kind = std::getenv("PLAYHOUSE_TEST_BACKENDS");
        const bool isShared = kind != nullptr && std::string_view(kind) == "shared";
        CPPUNIT_ASSERT_EQUAL(isShared, states.contains("redis"));
        CPPUNIT_ASSERT_EQUAL(!isShared, std::filesystem::exists(server.storage() / "playhouse.db"));
    }

    void keepsWhatWasWrittenAcrossARestart() {
        ServerProcess server(ledger());
        server.start();
        const auto written = server.post("/ledger?writer=ann", "it's \"so\"; \xc3\xa4");
        CPPUNIT_ASSERT_EQUAL(std::string("201"), written.outcome());
        const std::string id(written.json().at("data").at("id").as_string());
        server.signal(SIGTERM);
        CPPUNIT_ASSERT_EQUAL(0, server.waitForEnd());
        server.start();
        CPPUNIT_ASSERT_EQUAL(std::string("it's \"so\"; \xc3\xa4"), server.get("/ledger/entries/" + id).body);
        const auto audit = server.get("/ledger/audit").json().at("data");
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, audit.at("entries").as_int64());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, audit.at("counted").as_int64());
    }

    void refusesAnIdThatIsNone() {
        ServerProcess server(ledger());
        server.start();
        CPPUNIT_ASSERT_EQUAL(std::string("400 INVALID_PARAMETER"), server.get("/ledger/entries/1").outcome());
        CPPUNIT_ASSERT_EQUAL(std::string("404 NOT_FOUND"),
                             server.get("/ledger/entries/f81d4fae-7dec-41d0-a765-00a0c91e6bf6").outcome());
    }

    void countsInTheCache() {
        ServerProcess server(ledger());
        server.start();
        for (std::int64_t count = 1; count <= 3; ++count)
            CPPUNIT_ASSERT_EQUAL(count, server.post("/ledger/counts/red", "").json().at("data").at("count").as_int64());
    }

    void deliversMessages() {
        ServerProcess server(ledger());
        server.start();
        CPPUNIT_ASSERT_EQUAL(200, server.post("/ledger/news", "curtain up").status);
        while (server.get("/ledger/news").json().at("data").as_array() != boost::json::array{"curtain up"})
            std::this_thread::yield();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LedgerTest);
