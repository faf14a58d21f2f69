#include "TestServer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <stdexcept>

namespace playhouse::host {
namespace {

EdgeSettings onLoopback(EdgeSettings settings) {
    settings.address = "127.0.0.1";
    settings.port = 0;
    if (settings.loops == 0) settings.loops = 2;
    return settings;
}

}  // namespace

TestServer::TestServer(std::deque<Route> given, EdgeSettings settings, const TokenIdentities* identities,
                       RateLimiter* limiter)
    : routes(std::move(given)),
      server(onLoopback(std::move(settings)), slot, workers, channels, registry, identities, limiter) {
    publish(gate);
    server.start();
}

TestServer::~TestServer() {
    server.drain(std::chrono::milliseconds(0));
    workers.stop();
}

void TestServer::publish(const std::shared_ptr<LeaseGate>& under) {
    RouteTable::Builder builder;
    for (const auto& one : routes)
        builder.add({one.method, RoutePattern(one.pattern), one.options, "test", under, &one, 0});
    slot.publish(std::move(builder).build());
}

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to the test server");
    // Byte by byte goes out as it is sent.
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

void RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto written = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void RawClient::endSending() const {
    ::shutdown(socket_, SHUT_WR);
}

void RawClient::reset() {
    const linger none{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

bool RawClient::hasInput(std::chrono::milliseconds patience) const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
}

bool RawClient::readMore() {
    std::array<char, 65536> buffer{};
    const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

bool RawClient::isClosed() {
    return input_.empty() && !readMore();
}

std::string RawClient::take(std::size_t size) {
    while (input_.size() < size)
        if (!readMore()) throw std::runtime_error("the connection ended after: " + input_);
    auto taken = input_.substr(0, size);
    input_.erase(0, size);
    return taken;
}

Answer RawClient::receive(bool hasBody) {
    const auto need = [this](const auto& isThere) {
        while (!isThere())
            if (!readMore()) throw std::runtime_error("the connection ended inside an answer: " + input_);
    };
    need([&] { return input_.find("\r\n\r\n") != std::string::npos; });
    Answer answer;
    const auto headEnd = input_.find("\r\n\r\n") + 2;
    const std::string head = input_.substr(0, headEnd);
    input_.erase(0, headEnd + 2);
    answer.status = std::stoi(head.substr(9, 3));
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
        const auto end = head.find("\r\n", at);
        const auto colon = head.find(':', at);
        std::string name = head.substr(at, colon - at);
        for (auto& letter : name) letter = static_cast<char>(std::tolower(letter));
        auto& value = answer.headers[name];
        if (!value.empty()) value += ", ";
        value += head.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    if (!hasBody || answer.status == 204 || answer.status == 304) return answer;
    if (answer.headers.contains("content-length")) {
        const auto size = std::stoul(answer.headers["content-length"]);
        need([&] { return input_.size() >= size; });
        answer.body = input_.substr(0, size);
        input_.erase(0, size);
    } else if (answer.headers.contains("transfer-encoding")) {
        while (true) {
            need([&] { return input_.find("\r\n") != std::string::npos; });
            const auto size = std::stoul(input_, nullptr, 16);
            const auto begin = input_.find("\r\n") + 2;
            need([&] { return input_.size() >= begin + size + 2; });
            answer.body += input_.substr(begin, size);
            input_.erase(0, begin + size + 2);
            if (size == 0) break;
        }
    } else {
        while (readMore()) {
        }
        answer.body = std::move(input_);
    }
    return answer;
}

Answer RawClient::get(std::string_view target, std::string_view headers) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) + "\r\n");
    return receive();
}

Route route(Method method, std::string pattern, Handler handler, RouteOptions options) {
    return {method, std::move(pattern), std::move(handler), options};
}

Route deferredRoute(std::string pattern, DeferredHandler handler, RouteOptions options) {
    return {Method::Get, std::move(pattern), std::move(handler), options};
}

}  // namespace playhouse::host
