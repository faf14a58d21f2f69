#include "TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

using namespace playhouse;
using namespace playhouse::host;
using namespace std::chrono_literals;

namespace {

/// A connected socket, with as little buffered as the kernel allows.
class NarrowSocket {
public:
    explicit NarrowSocket(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int size = 4096;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect to the test server");
    }
    ~NarrowSocket() { ::close(socket_); }
    NarrowSocket(const NarrowSocket&) = delete;
    NarrowSocket& operator=(const NarrowSocket&) = delete;

    bool send(std::string_view bytes) const {
        return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }

    /// Takes up to `most` bytes; 0 when the server has ended the connection.
    std::size_t take(std::size_t most) const {
        std::string bytes(most, '\0');
        const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }

private:
    int socket_;
};

}  // namespace

/// Clients that keep a connection busy by a byte now and then: each byte must earn them no more than its own time.
class SlowClientTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SlowClientTest);
    CPPUNIT_TEST(headerByteByByteEndsAt408);
    CPPUNIT_TEST(emptyLinesDoNotKeepAConnection);
    CPPUNIT_TEST(bodyByteByByteEndsAt408);
    CPPUNIT_TEST(bodyAtTheMinimumRateIsTaken);
    CPPUNIT_TEST(readerByteByByteIsCutOff);
    CPPUNIT_TEST(readerAtTheMinimumRateIsServed);
    CPPUNIT_TEST_SUITE_END();

    static std::deque<Route> routes() {
        return {
            route(Method::Post, "/", [](const Request& r) { return Response::text(std::to_string(r.body().size())); }),
            route(Method::Get, "/large", [](const Request&) {
                return Response::bytes(SharedBuffer(std::string(16'000'000, 'x')), "application/octet-stream");
            })};
    }

    /// Sends `begin`, and then a byte now and then for two seconds.
    static void expect408(std::uint16_t port, std::string_view begin) {
        RawClient client(port);
        client.send(begin);
        std::thread trickle([&] {
            for (int count = 0; count < 200; ++count) {
                client.send("X");
                std::this_thread::sleep_for(10ms);
            }
        });
        const auto answer = client.receive();
        trickle.join();
        CPPUNIT_ASSERT_EQUAL(408, answer.status);
    }

public:
    void headerByteByByteEndsAt408() {
        EdgeSettings settings;
        settings.headerTimeout = 200ms;
        TestServer server(routes(), settings);
        expect408(server.port(), "GET / HTTP/1.1\r\nHost: x\r\n");
    }

    void emptyLinesDoNotKeepAConnection() {
        EdgeSettings settings;
        settings.headerTimeout = 200ms;
        TestServer server(routes(), settings);
        NarrowSocket client(server.port());
        int sent = 0;
        while (sent < 1000 && client.send("\r\n")) {
            ++sent;
            std::this_thread::sleep_for(10ms);
        }
        CPPUNIT_ASSERT(sent < 1000);
    }

    void bodyByteByByteEndsAt408() {
        EdgeSettings settings;
        settings.bodyTimeout = 200ms;
        settings.minimumRate = 1000;
        TestServer server(routes(), settings);
        expect408(server.port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    }

    void bodyAtTheMinimumRateIsTaken() {
        EdgeSettings settings;
        settings.bodyTimeout = 1500ms;
        settings.minimumRate = 100;
        TestServer server(routes(), settings);
        RawClient client(server.port());
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n");
        // Longer than the timeout alone would allow, and each piece earns a second.
        for (int count = 0; count < 30; ++count) {
            client.send(std::string(100, 'x'));
            std::this_thread::sleep_for(80ms);
        }
        CPPUNIT_ASSERT_EQUAL(std::string("3000"), client.receive().body);
    }

    void readerByteByByteIsCutOff() {
        EdgeSettings settings;
        settings.sendTimeout = 200ms;
        settings.minimumRate = 1'000'000;
        TestServer server(routes(), settings);
        NarrowSocket client(server.port());
        CPPUNIT_ASSERT(client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
        std::size_t taken = 0;
        for (int count = 0; count < 300; ++count) {
            taken += client.take(1);
            std::this_thread::sleep_for(10ms);
        }
        // What has come before is still there, and nothing more.
        while (const auto more = client.take(100'000)) taken += more;
        CPPUNIT_ASSERT(taken < 16'000'000);
    }

    void readerAtTheMinimumRateIsServed() {
        EdgeSettings settings;
        settings.sendTimeout = 500ms;
        settings.minimumRate = 1000;
        TestServer server(routes(), settings);
        RawClient client(server.port());
        CPPUNIT_ASSERT_EQUAL(std::size_t{16'000'000}, client.get("/large").body.size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SlowClientTest);
