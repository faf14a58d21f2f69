#include "BusyServer.h"
#include "edge/Admission.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

using namespace playhouse;
using namespace playhouse::host;

namespace {

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

/// What becomes of connections beyond the limits.
class ConnectionLimitsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConnectionLimitsTest);
    CPPUNIT_TEST(connectionsBeyondTheLimitGet503);
    CPPUNIT_TEST(hostRoutesAnswerBeyondTheLimitOfConnections);
    CPPUNIT_TEST(silentConnectionsBeyondTheLimitAreToldToo);
    CPPUNIT_TEST(connectionsOfOneAddressBeyondTheLimitGet503);
    CPPUNIT_TEST(refusalIsReadWhateverTheClientHasSent);
    CPPUNIT_TEST(clientsAreToldWhenNoFileCanBeOpened);
    CPPUNIT_TEST_SUITE_END();

public:
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

CPPUNIT_TEST_SUITE_REGISTRATION(ConnectionLimitsTest);
