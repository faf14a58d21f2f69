#include "control/AdminServer.h"

#include "../configuration/TemporaryDirectory.h"
#include "CapturedLog.h"
#include "FakeAdministration.h"
#include "control/AdminRoutes.h"
#include "control/ControlClient.h"
#include "control/KeptLogs.h"

#include <Poco/Net/StreamSocket.h>

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <list>
#include <thread>

using namespace playhouse::host;

/// The admin API as callers that are not playhousectl meet it.
class AdminServerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AdminServerTest);
    CPPUNIT_TEST(servesOverTcpWhoSendsTheToken);
    CPPUNIT_TEST(refusesOverTcpWhoDoesNot);
    CPPUNIT_TEST(shutsOutWhoGuesses);
    CPPUNIT_TEST(aRefusedTokenLeavesAnAuditLineWithoutIt);
    CPPUNIT_TEST(aNewTokenHoldsAtOnce);
    CPPUNIT_TEST(theSocketNeedsNoToken);
    CPPUNIT_TEST(aPortThatIsTakenIsTold);
    CPPUNIT_TEST(callersWhoSayNothingTakeNoThread);
    CPPUNIT_TEST(callersWhoSayNothingAreCutOff);
    CPPUNIT_TEST(callersWhoTrickleAreCutOff);
    CPPUNIT_TEST(boundsTheConnectionsOfAnAddress);
    CPPUNIT_TEST(refusesWhatIsNotHttp);
    CPPUNIT_TEST(refusesAHeaderThatIsTooLarge);
    CPPUNIT_TEST(aBodyThatIsTooLargeIsRefusedThoughItsSenderGoesOn);
    CPPUNIT_TEST(eachAnswerNamesItsRequest);
    CPPUNIT_TEST(theEndWaitsForARunningActionAndAnswersIt);
    CPPUNIT_TEST(followersLeaveThreadsForActions);
    CPPUNIT_TEST(anActionTooManyIsRefusedAndAudited);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* token = "0123456789abcdef";

    TemporaryDirectory directory_;
    FakeAdministration administration_;
    KeptLogs logs_;
    AdminLimits limits_;
    std::unique_ptr<AdminServer> server_;

    std::filesystem::path socket() const { return directory_.path() / "control.sock"; }

    void start() {
        server_ = std::make_unique<AdminServer>(
            AdminListeners{.socket = socket(), .tcp = AdminListeners::Tcp{"127.0.0.1", 0, token}},
            adminRoutes(administration_, logs_), limits_);
    }

    ControlClient local() const { return ControlClient({.socket = socket()}); }
    ControlClient remote(const std::string& given = token) const {
        return ControlClient({.socket = {}, .host = "127.0.0.1", .port = server_->port(), .token = given});
    }

    Poco::Net::StreamSocket connect() const {
        return Poco::Net::StreamSocket(Poco::Net::SocketAddress("127.0.0.1", server_->port()));
    }

    static void send(Poco::Net::StreamSocket& socket, const std::string& text) {
        socket.sendBytes(text.data(), static_cast<int>(text.size()));
    }

    /// All that comes until the server closes.
    static std::string receive(Poco::Net::StreamSocket& socket) {
        std::string text;
        char piece[4096];
        try {
            for (int count; (count = socket.receiveBytes(piece, sizeof(piece))) > 0;)
                text.append(piece, static_cast<std::size_t>(count));
        } catch (const Poco::Exception&) {
            // Cut off.
        }
        return text;
    }

    void assertHolds(const std::string& text, const std::string& part) {
        CPPUNIT_ASSERT_MESSAGE("\"" + part + "\" not in: " + text, text.find(part) != std::string::npos);
    }

public:
    void setUp() override { limits_.wrongTokenPause = std::chrono::milliseconds(0); }
    void tearDown() override { server_.reset(); }

    void servesOverTcpWhoSendsTheToken() {
        start();
        CPPUNIT_ASSERT_EQUAL(200, remote().get("/plugins").status);
        const CapturedLog audit("audit");
        CPPUNIT_ASSERT_EQUAL(200, remote().post("/plugins/chat/enable").status);
        assertHolds(audit.lines().at(0), "127.0.0.1: enable chat: disabled -> serving, done in ");
    }

    void refusesOverTcpWhoDoesNot() {
        start();
        for (const std::string given : {"", "wrong"}) {
            const auto answer = remote(given).post("/plugins/chat/enable");
            CPPUNIT_ASSERT_EQUAL(401, answer.status);
            CPPUNIT_ASSERT(answer.json.at("error").at("code").as_string() == "UNAUTHORIZED");
        }
        CPPUNIT_ASSERT(administration_.asked().empty());
        auto socket = connect();
        send(socket, "GET /status HTTP/1.1\r\nHost: x\r\n\r\n");
        assertHolds(receive(socket), "WWW-Authenticate: Bearer");
    }

    void shutsOutWhoGuesses() {
        start();
        for (int guess = 0; guess < 5; ++guess) CPPUNIT_ASSERT_EQUAL(401, remote("wrong").get("/status").status);
        const auto answer = remote().get("/status");
        CPPUNIT_ASSERT_EQUAL(429, answer.status);
        CPPUNIT_ASSERT(answer.json.at("error").at("code").as_string() == "TOO_MANY_WRONG_TOKENS");
        CPPUNIT_ASSERT_EQUAL(200, local().get("/status").status);
    }

    void aRefusedTokenLeavesAnAuditLineWithoutIt() {
        start();
        const CapturedLog audit("audit");
        const CapturedLog control("control");
        remote("hush-this-is-wrong").get("/logs?secret=hush");
        CPPUNIT_ASSERT_EQUAL(std::string("127.0.0.1: call GET /logs: refused: no token, or a wrong one"),
                             audit.lines().at(0));
        CPPUNIT_ASSERT(control.lines().empty());
    }

    void aNewTokenHoldsAtOnce() {
        start();
        server_->setToken("fedcba9876543210");
        CPPUNIT_ASSERT_EQUAL(401, remote().get("/status").status);
        CPPUNIT_ASSERT_EQUAL(200, remote("fedcba9876543210").get("/status").status);
    }

    void theSocketNeedsNoToken() {
        start();
        CPPUNIT_ASSERT_EQUAL(200, local().get("/status").status);
    }

    void aPortThatIsTakenIsTold() {
        start();
        const AdminListeners second{.socket = directory_.path() / "second.sock",
                                    .tcp = AdminListeners::Tcp{"127.0.0.1", server_->port(), token}};
        try {
            AdminServer refused(second, {});
            CPPUNIT_FAIL("accepted");
        } catch (const std::runtime_error& error) {
            assertHolds(error.what(), "control.port " + std::to_string(server_->port()));
            assertHolds(error.what(), "choose another");
        }
        CPPUNIT_ASSERT(!std::filesystem::exists(second.socket));
    }

    void callersWhoSayNothingTakeNoThread() {
        limits_.connectionsByAddress = 1000;
        start();
        std::list<Poco::Net::StreamSocket> silent;
        for (int caller = 0; caller < 40; ++caller) send(silent.emplace_back(connect()), "GET /status");
        CPPUNIT_ASSERT_EQUAL(200, remote().get("/plugins").status);
        CPPUNIT_ASSERT_EQUAL(200, local().get("/plugins").status);
    }

    void callersWhoSayNothingAreCutOff() {
        limits_.requestTime = std::chrono::milliseconds(50);
        start();
        auto silent = connect();
        CPPUNIT_ASSERT_EQUAL(std::string(), receive(silent));
    }

    void callersWhoTrickleAreCutOff() {
        limits_.requestTime = std::chrono::milliseconds(200);
        start();
        auto trickling = connect();
        send(trickling, "GET /status HTTP/1.1\r\n");
        // Each field comes in time; all of them together never end.
        const auto sends = [&] {
            try {
                send(trickling, "X-Field: x\r\n");
                return true;
            } catch (const Poco::Exception&) {
                return false;
            }
        };
        // Up to 5 ms between two, and less once the server has closed.
        while (sends()) trickling.poll(Poco::Timespan(0, 5000), Poco::Net::Socket::SELECT_READ);
    }

    void boundsTheConnectionsOfAnAddress() {
        limits_.connectionsByAddress = 2;
        start();
        auto first = connect();
        auto second = connect();
        auto third = connect();
        CPPUNIT_ASSERT_EQUAL(std::string(), receive(third));
        CPPUNIT_ASSERT_EQUAL(200, local().get("/plugins").status);
        for (auto* each : {&first, &second}) {
            send(*each, "GET /plugins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + std::string(token) + "\r\n\r\n");
            assertHolds(receive(*each), "HTTP/1.1 200 OK");
        }
    }

    void refusesWhatIsNotHttp() {
        start();
        for (const std::string text : {"hello\r\n\r\n", "GET /status HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
                                       "GET /status HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
            auto caller = connect();
            send(caller, text);
            assertHolds(receive(caller), "HTTP/1.1 400 Bad Request");
        }
    }

    void refusesAHeaderThatIsTooLarge() {
        start();
        auto caller = connect();
        send(caller, "GET /status HTTP/1.1\r\nX-Field: " + std::string(20'000, 'x') + "\r\n\r\n");
        assertHolds(receive(caller), "HTTP/1.1 431 ");
    }

    void aBodyThatIsTooLargeIsRefusedThoughItsSenderGoesOn() {
        start();
        CPPUNIT_ASSERT_EQUAL(413, local().post("/plugins/streaming/swap", std::string(900'000, ' ')).status);
        CPPUNIT_ASSERT_EQUAL(413, remote().post("/plugins/streaming/swap", std::string(900'000, ' ')).status);
    }

    void eachAnswerNamesItsRequest() {
        start();
        const CapturedLog audit("audit");
        auto caller = connect();
        send(caller,
             "POST /plugins/chat/enable HTTP/1.1\r\nHost: "
             "x\r\nContent-Length: 0\r\nAuthorization: Bearer " +
                 std::string(token) + "\r\n\r\n");
        const auto answer = receive(caller);
        assertHolds(answer, "X-Request-Id: " + audit.requests().at(0) + "\r\n");
        CPPUNIT_ASSERT(!audit.requests().at(0).empty());
    }

    void theEndWaitsForARunningActionAndAnswersIt() {
        start();
        std::promise<void> entered;
        std::promise<void> go;
        administration_.onSwap = [&] {
            entered.set_value();
            go.get_future().wait();
        };
        auto answer = std::async(std::launch::async, [&] { return local().post("/plugins/streaming/swap"); });
        entered.get_future().wait();
        auto end = std::async(std::launch::async, [&] { server_.reset(); });
        go.set_value();
        CPPUNIT_ASSERT_EQUAL(200, answer.get().status);
        end.get();
    }

    void followersLeaveThreadsForActions() {
        start();
        logs_.add({.source = "host", .message = "first"});
        std::vector<std::future<ControlAnswer>> followers;
        for (int follower = 0; follower < KeptLogs::mostWaiting; ++follower)
            followers.push_back(std::async(std::launch::async, [&] { return local().get("/logs?after=1&wait=20"); }));
        CPPUNIT_ASSERT_EQUAL(200, local().post("/plugins/chat/enable").status);
        logs_.add({.source = "host", .message = "second"});
        for (auto& follower : followers) CPPUNIT_ASSERT_EQUAL(200, follower.get().status);
    }

    void anActionTooManyIsRefusedAndAudited() {
        std::promise<void> go;
        administration_.onSwap = [arrived = go.get_future().share()] { arrived.wait(); };
        start();
        const CapturedLog audit("audit");
        const auto swap = [this] { return local().post("/plugins/streaming/swap").status; };
        // More than threads and places to wait, so that some are refused while none is done.
        std::list<std::future<int>> answers;
        for (int caller = 0; caller < 60; ++caller) answers.push_back(std::async(std::launch::async, swap));
        while (audit.lines().empty()) std::this_thread::yield();
        const auto refused = audit.lines().at(0);
        go.set_value();
        int busy = 0;
        for (auto& answer : answers) busy += answer.get() == 503 ? 1 : 0;
        CPPUNIT_ASSERT(busy > 0);
        assertHolds(refused, ": call POST /plugins/streaming/swap: refused: too many actions wait already");
        CPPUNIT_ASSERT_EQUAL(std::size_t{60}, audit.lines().size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AdminServerTest);
