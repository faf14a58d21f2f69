#include "TestServer.h"
#include "edge/Admission.h"

#include <cppunit/extensions/HelperMacros.h>
#include <prometheus/text_serializer.h>
#include <boost/json/parse.hpp>

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using namespace std::chrono_literals;

namespace {

/// A server whose GET /healthz and /metrics are the host's own, and whose GET /held answers when it is let.
class BusyServer {
public:
    explicit BusyServer(EdgeSettings settings)
        : routes_{route(Method::Get, "/healthz", [](const Request&) { return Response::text("alive"); }),
                  route(
                      Method::Get, "/metrics", [](const Request&) { return Response::text("figures"); },
                      Execution::Worker)},
          server_({route(Method::Get, "/", [](const Request&) { return Response::text("hi"); }),
                   route(
                       Method::Get, "/slow",
                       [this](const Request&) {
                           begun_.release();
                           go_.acquire();
                           return Response::text("slow");
                       },
                       Execution::Worker),
                   deferredRoute("/held",
                                 [this](const Request&, Responder responder) {
                                     const std::lock_guard lock(mutex_);
                                     held_.push_back(std::move(responder));
                                     begun_.release();
                                 })},
                  std::move(settings)) {
        RouteTable::Builder builder;
        for (const auto& one : server_.routes)
            builder.add({one.method, RoutePattern(one.pattern), one.options, "test", server_.gate, &one, 0});
        for (const auto& one : routes_)
            builder.add({one.method, RoutePattern(one.pattern), one.options, "host", server_.gate, &one, 0});
        server_.slot.publish(std::move(builder).build());
    }
    ~BusyServer() {
        answerAll();
        go_.release(64);
    }

    std::uint16_t port() const { return server_.port(); }

    /// Waits until `count` more handlers have a request.
    void awaitBegun(int count) {
        for (int index = 0; index < count; ++index) begun_.acquire();
    }
    void letGo(int count) { go_.release(count); }
    void answerAll() {
        const std::lock_guard lock(mutex_);
        for (auto& responder : held_) responder.send(Response::text("held"));
        held_.clear();
    }

    /// The value of a figure, such as name{label="value"}.
    double figure(const std::string& name) {
        const auto text = prometheus::TextSerializer().Serialize(server_.registry.Collect());
        const auto at = text.find("\n" + name + " ");
        if (at == std::string::npos) throw std::runtime_error("no figure " + name);
        return std::stod(text.substr(at + name.size() + 2));
    }
    double refusals(const std::string& reason) {
        return figure("playhouse_overload_refusals_total{reason=\"" + reason + "\"}");
    }

private:
    std::counting_semaphore<> begun_{0};
    std::counting_semaphore<> go_{0};
    std::mutex mutex_;
    std::vector<Responder> held_;
    std::deque<Route> routes_;
    TestServer server_;
};

void assertOverloaded(const Answer& answer) {
    CPPUNIT_ASSERT_EQUAL(503, answer.status);
    CPPUNIT_ASSERT_EQUAL(std::string("1"), answer.headers.at("retry-after"));
    const auto envelope = boost::json::parse(answer.body).as_object();
    CPPUNIT_ASSERT(!envelope.at("success").as_bool());
    CPPUNIT_ASSERT_EQUAL(std::string("OVERLOADED"),
                         std::string(envelope.at("error").as_object().at("code").as_string()));
    CPPUNIT_ASSERT(envelope.contains("timestamp"));
}

void sendGet(const RawClient& client, const std::string& path) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

/// Lowers the limit of open files so that no further one can be opened, for as long as it lives.
class NoMoreFiles {
public:
    NoMoreFiles() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(0);
        ::close(next);
        auto none = before_;
        none.rlim_cur = static_cast<rlim_t>(next);
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoMoreFiles(const NoMoreFiles&) = delete;
    NoMoreFiles& operator=(const NoMoreFiles&) = delete;

private:
    rlimit before_{};
};

/// All that a server says on a socket that exists already.
std::string ask(int socket, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to the test server");
    std::string said;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
        said.append(buffer.data(), static_cast<std::size_t>(got));
    return said;
}

}  // namespace

class OverloadTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(OverloadTest);
    CPPUNIT_TEST(requestsBeyondTheLimitGet503AndTheirConnectionsStay);
    CPPUNIT_TEST(whatIsAdmittedIsServedUnderRefusals);
    CPPUNIT_TEST(fullWorkersGet503);
    CPPUNIT_TEST(hostRoutesAnswerThroughout);
    CPPUNIT_TEST(connectionsBeyondTheLimitGet503);
    CPPUNIT_TEST(hostRoutesAnswerBeyondTheLimitOfConnections);
    CPPUNIT_TEST(silentConnectionsBeyondTheLimitAreToldToo);
    CPPUNIT_TEST(connectionsOfOneAddressBeyondTheLimitGet503);
    CPPUNIT_TEST(refusalIsReadWhateverTheClientHasSent);
    CPPUNIT_TEST(clientsAreToldWhenNoFileCanBeOpened);
    CPPUNIT_TEST_SUITE_END();

public:
    void requestsBeyondTheLimitGet503AndTheirConnectionsStay() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 2;
        BusyServer server(settings);
        RawClient first(server.port());
        RawClient second(server.port());
        RawClient third(server.port());
        sendGet(first, "/held");
        sendGet(second, "/held");
        server.awaitBegun(2);
        CPPUNIT_ASSERT_EQUAL(2.0, server.figure("playhouse_http_requests_in_flight"));
        for (int count = 0; count < 3; ++count) assertOverloaded(third.get("/"));
        CPPUNIT_ASSERT_EQUAL(3.0, server.refusals("requests-in-flight"));
        server.answerAll();
        CPPUNIT_ASSERT_EQUAL(std::string("held"), first.receive().body);
        CPPUNIT_ASSERT_EQUAL(std::string("held"), second.receive().body);
        // A connection is told of its answer's end before the loop has counted it.
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), first.get("/").body);
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), second.get("/").body);
        CPPUNIT_ASSERT_EQUAL(std::string("hi"), third.get("/").body);
    }

    void whatIsAdmittedIsServedUnderRefusals() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 3;
        BusyServer server(settings);
        std::deque<RawClient> held;
        for (int index = 0; index < 2; ++index) {
            held.emplace_back(server.port());
            sendGet(held.back(), "/held");
        }
        server.awaitBegun(2);
        // One place is left: of many who ask, each is served or told at once, and nobody waits.
        std::atomic<int> served{0};
        std::atomic<int> refused{0};
        std::vector<std::thread> threads;
        for (int index = 0; index < 4; ++index)
            threads.emplace_back([&] {
                RawClient client(server.port());
                for (int count = 0; count < 100; ++count) ++(client.get("/").status == 200 ? served : refused);
            });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(400, served + refused);
        CPPUNIT_ASSERT(served > 0);
        CPPUNIT_ASSERT_EQUAL(static_cast<double>(refused), server.refusals("requests-in-flight"));
        server.answerAll();
        for (auto& client : held) CPPUNIT_ASSERT_EQUAL(std::string("held"), client.receive().body);
    }

    void fullWorkersGet503() {
        BusyServer server(EdgeSettings{});
        std::deque<RawClient> clients;
        const auto ask = [&] {
            clients.emplace_back(server.port());
            sendGet(clients.back(), "/slow");
        };
        // The test server has two workers, and 64 may wait.
        for (int count = 0; count < 2; ++count) ask();
        server.awaitBegun(2);
        for (int count = 0; count < 64 + 3; ++count) ask();
        int refused = 0;
        while (server.refusals("waiting-work") < 3) std::this_thread::yield();
        server.letGo(66);
        for (auto& client : clients) {
            const auto answer = client.receive();
            if (answer.status == 200) continue;
            assertOverloaded(answer);
            ++refused;
        }
        CPPUNIT_ASSERT_EQUAL(3, refused);
    }

    void hostRoutesAnswerThroughout() {
        EdgeSettings settings;
        settings.maximumRequestsInFlight = 2;
        BusyServer server(settings);
        std::deque<RawClient> clients;
        for (int count = 0; count < 2; ++count) {
            clients.emplace_back(server.port());
            sendGet(clients.back(), "/slow");
        }
        server.awaitBegun(2);
        RawClient probe(server.port());
        assertOverloaded(probe.get("/"));
        CPPUNIT_ASSERT_EQUAL(std::string("alive"), probe.get("/healthz").body);
        CPPUNIT_ASSERT_EQUAL(std::string("figures"), probe.get("/metrics").body);
        server.letGo(2);
        for (auto& client : clients) CPPUNIT_ASSERT_EQUAL(std::string("slow"), client.receive().body);
    }

    void connectionsBeyondTheLimitGet503() {
        EdgeSettings settings;
        settings.maximumConnections = 1;
        BusyServer server(settings);
        RawClient first(server.port());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        {
            RawClient second(server.port());
            assertOverloaded(second.get("/"));
            CPPUNIT_ASSERT(second.isClosed());
        }
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        CPPUNIT_ASSERT_EQUAL(1.0, server.refusals("connections"));
    }

    void hostRoutesAnswerBeyondTheLimitOfConnections() {
        EdgeSettings settings;
        settings.maximumConnections = 1;
        BusyServer server(settings);
        RawClient first(server.port());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        for (const auto* path : {"/healthz", "/metrics"}) {
            RawClient probe(server.port());
            const auto answer = probe.get(path);
            CPPUNIT_ASSERT_EQUAL(200, answer.status);
            CPPUNIT_ASSERT_EQUAL(std::string("close"), answer.headers.at("connection"));
            CPPUNIT_ASSERT(probe.isClosed());
        }
    }

    void silentConnectionsBeyondTheLimitAreToldToo() {
        EdgeSettings settings;
        settings.maximumConnections = 1;
        BusyServer server(settings);
        RawClient first(server.port());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        std::deque<RawClient> silent;
        for (std::size_t count = 0; count < Admission::reserveSize + 4; ++count) silent.emplace_back(server.port());
        for (auto& client : silent) assertOverloaded(client.receive());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
    }

    void connectionsOfOneAddressBeyondTheLimitGet503() {
        EdgeSettings settings;
        settings.maximumConnectionsPerAddress = 2;
        BusyServer server(settings);
        RawClient first(server.port());
        RawClient second(server.port());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        CPPUNIT_ASSERT_EQUAL(200, second.get("/").status);
        RawClient third(server.port());
        assertOverloaded(third.receive());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        CPPUNIT_ASSERT_EQUAL(1.0, server.refusals("connections-per-address"));
    }

    void refusalIsReadWhateverTheClientHasSent() {
        EdgeSettings settings;
        settings.maximumConnectionsPerAddress = 1;
        BusyServer server(settings);
        RawClient first(server.port());
        CPPUNIT_ASSERT_EQUAL(200, first.get("/").status);
        const std::string body(100'000, 'x');
        for (int count = 0; count < 50; ++count) {
            RawClient refused(server.port());
            refused.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + body);
            assertOverloaded(refused.receive());
        }
    }

    void clientsAreToldWhenNoFileCanBeOpened() {
        // With two loops the one's spare descriptor may be free for a moment when the other accepts.
        EdgeSettings settings;
        settings.loops = 1;
        BusyServer server(settings);
        RawClient before(server.port());
        CPPUNIT_ASSERT_EQUAL(200, before.get("/").status);
        std::vector<int> sockets;
        for (int count = 0; count < 5; ++count) sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        {
            const NoMoreFiles none;
            for (const int socket : sockets) {
                const auto said = ask(socket, server.port());
                CPPUNIT_ASSERT_MESSAGE(said, said.starts_with("HTTP/1.1 503 "));
                CPPUNIT_ASSERT(said.find("\r\nRetry-After: 1\r\n") != std::string::npos);
                CPPUNIT_ASSERT(said.find("\"OVERLOADED\"") != std::string::npos);
            }
            CPPUNIT_ASSERT_EQUAL(200, before.get("/").status);
        }
        for (const int socket : sockets) ::close(socket);
        CPPUNIT_ASSERT_EQUAL(5.0, server.refusals("open-files"));
        RawClient after(server.port());
        CPPUNIT_ASSERT_EQUAL(200, after.get("/").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OverloadTest);
