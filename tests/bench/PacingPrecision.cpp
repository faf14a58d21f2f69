// How exactly paced responses keep their rate, with many of them at once. See --help.

#include "edge/HttpServer.h"
#include "platform/ChannelHub.h"
#include "platform/WorkerPool.h"
#include "routing/RouteTable.h"

#include <playhouse/Router.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <prometheus/registry.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto usage = R"(Usage: pacing-precision [SECONDS]

Starts an edge and, in a process of their own, 1,000 clients that each ask for one response paced to 100 kbit/s up to
100 Mbit/s, of memory and of a file in turn, all at once. Prints for each rate how far what a client gets in the SECONDS
(5) after its first bytes is from that rate: the mean, and the client that is furthest off. Ends with 1 when that is more
than 2 %.
)";

struct Group {
    std::uint64_t bitsPerSecond;
    int clients;
};
constexpr std::array groups{Group{100'000, 600}, Group{1'000'000, 300}, Group{5'000'000, 80}, Group{20'000'000, 15},
                            Group{100'000'000, 5}};
constexpr double tolerance = 0.02;

struct Client {
    std::uint64_t bytesPerSecond = 0;
    std::size_t group = 0;
    int socket = -1;
    std::string head{};  // until it is whole
    bool headIsWhole = false;
    Clock::time_point begin{};
    std::uint64_t atBegin = 0;  // bytes that came first
    std::uint64_t taken = 0;
};

int connectTo(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("a client cannot connect");
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
    return socket;
}

/// Counts what has come for `client`; its body is thrown away by the kernel.
void take(Client& client) {
    std::array<char, 4096> buffer{};
    while (!client.headIsWhole) {
        const auto got = ::recv(client.socket, buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        client.head.append(buffer.data(), static_cast<std::size_t>(got));
        const auto end = client.head.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        client.headIsWhole = true;
        client.taken = client.head.size() - end - 4;
    }
    while (true) {
        const auto got = ::recv(client.socket, nullptr, 1 << 20, MSG_TRUNC);
        if (got <= 0) return;
        client.taken += static_cast<std::uint64_t>(got);
    }
}

int runClients(std::uint16_t port, double seconds) {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Client> clients;
    for (std::size_t group = 0; group < groups.size(); ++group)
        for (int count = 0; count < groups[group].clients; ++count)
            clients.push_back({.bytesPerSecond = groups[group].bitsPerSecond / 8, .group = group});
    for (std::size_t index = 0; index < clients.size(); ++index) {
        auto& client = clients[index];
        client.socket = connectTo(port);
        const std::string request = std::string("GET /") + (index % 2 ? "file/" : "memory/") +
                                    std::to_string(client.bytesPerSecond) + " HTTP/1.1\r\nHost: x\r\n\r\n";
        static_cast<void>(::send(client.socket, request.data(), request.size(), MSG_NOSIGNAL));
        epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, client.socket, &event);
    }
    std::array<std::vector<double>, groups.size()> errors;
    auto running = clients.size();
    std::array<epoll_event, 256> events{};
    while (running > 0) {
        const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 1000);
        for (int index = 0; index < ready; ++index) {
            auto& client = clients[events.at(static_cast<std::size_t>(index)).data.u64];
            const auto before = client.taken;
            take(client);
            if (client.taken == before) continue;
            const auto now = Clock::now();
            if (before == 0) {
                client.begin = now;
                client.atBegin = client.taken;
            }
            const std::chrono::duration<double> passed = now - client.begin;
            if (passed.count() < seconds) continue;
            const auto taken = static_cast<double>(client.taken - client.atBegin);
            errors.at(client.group)
                .push_back(taken / (static_cast<double>(client.bytesPerSecond) * passed.count()) - 1);
            ::close(client.socket);
            --running;
        }
    }
    bool isExact = true;
    std::printf("%12s %8s %10s %10s\n", "bit/s", "clients", "mean", "furthest");
    for (std::size_t group = 0; group < groups.size(); ++group) {
        const auto& all = errors.at(group);
        double sum = 0;
        double furthest = 0;
        for (const auto error : all) {
            sum += error;
            if (std::abs(error) > std::abs(furthest)) furthest = error;
        }
        isExact = isExact && std::abs(furthest) <= tolerance;
        std::printf("%12llu %8zu %+9.3f%% %+9.3f%%\n", static_cast<unsigned long long>(groups[group].bitsPerSecond),
                    all.size(), 100 * sum / static_cast<double>(all.size()), 100 * furthest);
    }
    return isExact ? EXIT_SUCCESS : EXIT_FAILURE;
}

SharedFile sparseFile(std::uint64_t size) {
    std::string path = "/tmp/playhouse-pacing-XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0 || ::ftruncate(descriptor, static_cast<off_t>(size)) != 0)
        throw std::runtime_error("cannot make " + path);
    ::close(descriptor);
    SharedFile file(path);
    ::unlink(path.c_str());
    return file;
}

int run(double seconds) {
    constexpr std::uint64_t size = 1ULL << 28;
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
    // Before the server has threads.
    const auto child = ::fork();
    if (child == 0) {
        std::uint16_t port = 0;
        ::close(pipe[1]);
        if (::read(pipe[0], &port, sizeof port) != sizeof port) std::_Exit(EXIT_FAILURE);
        const auto code = runClients(port, seconds);
        std::fflush(stdout);
        std::_Exit(code);
    }
    const SharedBuffer memory = SharedBuffer::filled(size, [](std::span<std::byte>) {});
    const auto file = sparseFile(size);
    const auto rateOf = [](const Request& request) { return std::stoull(request.pathParameter("rate")); };
    const std::array routes{
        Route{Method::Get, "/memory/{rate}", Handler([&](const Request& request) {
                  return Response::bytes(memory, "application/octet-stream").paceTo(rateOf(request));
              }),
              Execution::Inline},
        Route{Method::Get, "/file/{rate}", Handler([&](const Request& request) {
                  return Response::file(file, "application/octet-stream").paceTo(rateOf(request));
              }),
              Execution::Inline}};
    prometheus::Registry registry;
    WorkerPool workers(2, 64);
    ChannelHub channels;
    RouteTableSlot slot;
    const auto gate = LeaseGate::make();
    RouteTable::Builder builder;
    for (const auto& route : routes)
        builder.add({route.method, RoutePattern(route.pattern), route.options, "bench", gate, &route, 0});
    slot.publish(std::move(builder).build());
    EdgeSettings settings;
    settings.address = "127.0.0.1";
    settings.port = 0;
    HttpServer server(settings, slot, workers, channels, registry);
    server.start();
    const auto port = server.port();
    if (::write(pipe[1], &port, sizeof port) != sizeof port) throw std::runtime_error("cannot start the clients");
    int status = 0;
    ::waitpid(child, &status, 0);
    server.drain(std::chrono::milliseconds(0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

}  // namespace

int main(int argumentCount, char** arguments) try {
    const std::string_view first = argumentCount > 1 ? arguments[1] : "5";
    if (argumentCount > 2 || first.starts_with("-")) {
        std::fputs(usage, first == "--help" ? stdout : stderr);
        return first == "--help" ? EXIT_SUCCESS : 2;
    }
    return run(std::stod(std::string(first)));
} catch (const std::exception& error) {
    std::fprintf(stderr, "pacing-precision: %s\n", error.what());
    return 2;
}
