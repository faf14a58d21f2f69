#include "HttpLoad.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace {

constexpr long patienceSeconds = 60;

/// A client that keeps its connection.
class LoadClient {
public:
    explicit LoadClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{patienceSeconds, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("cannot connect");
    }
    ~LoadClient() { ::close(socket_); }
    LoadClient(const LoadClient&) = delete;
    LoadClient& operator=(const LoadClient&) = delete;

    std::string get(const std::string& path) {
        const std::string request = "GET " + path + " HTTP/1.1\r\nHost: load\r\n\r\n";
        if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            throw std::runtime_error(path + ": the connection is closed");
        while (input_.find("\r\n\r\n") == std::string::npos) readMore(path);
        const auto head = input_.substr(0, input_.find("\r\n\r\n") + 4);
        if (!head.starts_with("HTTP/1.1 200 ")) throw std::runtime_error(path + ": " + head);
        const auto field = head.find("Content-Length: ");
        if (field == std::string::npos) throw std::runtime_error(path + ": no length: " + head);
        const auto size = std::stoul(head.substr(field + 16));
        while (input_.size() < head.size() + size) readMore(path);
        auto body = input_.substr(head.size(), size);
        input_.erase(0, head.size() + size);
        return body;
    }

private:
    void readMore(const std::string& path) {
        std::array<char, 65536> buffer{};
        const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (got <= 0) throw std::runtime_error(path + ": the answer was cut");
        input_.append(buffer.data(), static_cast<std::size_t>(got));
    }

    int socket_;
    std::string input_;
};

}  // namespace

HttpLoad::HttpLoad(std::uint16_t port, std::vector<ExpectedPage> pages, int connections, long perSecond)
    : port_(port),
      pages_(std::move(pages)),
      pause_(perSecond == 0 ? std::chrono::nanoseconds(0)
                            : connections * std::chrono::nanoseconds(std::chrono::seconds(1)) / perSecond),
      clients_(static_cast<std::size_t>(connections)) {}

HttpLoad::~HttpLoad() {
    finish();
}

void HttpLoad::start() {
    for (std::size_t number = 0; number < clients_.size(); ++number)
        clients_[number].thread = std::thread([this, number] { run(number); });
}

void HttpLoad::run(std::size_t number) {
    using Clock = std::chrono::steady_clock;
    try {
        LoadClient client(port_);
        auto due = Clock::now() + pause_ * static_cast<long>(number) / static_cast<long>(clients_.size());
        for (auto turn = number; !stopping_; ++turn) {
            if (pause_.count() > 0) std::this_thread::sleep_until(due += pause_);
            const auto& page = pages_[turn % pages_.size()];
            const auto begin = Clock::now();
            const auto body = client.get(page.path);
            const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
            clients_[number].microseconds[phase_].push_back(static_cast<std::uint32_t>(taken.count()));
            if (std::find(page.bodies.begin(), page.bodies.end(), body) == page.bodies.end())
                throw std::runtime_error(page.path + ": other bytes than before");
        }
    } catch (const std::exception& problem) {
        ++failed_;
        const std::lock_guard lock(mutex_);
        if (firstFailure_.empty()) firstFailure_ = problem.what();
    }
}

void HttpLoad::finish() {
    stopping_ = true;
    for (auto& client : clients_)
        if (client.thread.joinable()) client.thread.join();
}

long HttpLoad::answered() const {
    std::size_t count = 0;
    for (const auto& client : clients_)
        for (const auto& phase : client.microseconds) count += phase.size();
    return static_cast<long>(count);
}

std::chrono::microseconds HttpLoad::latency(std::size_t phase, double share) const {
    std::vector<std::uint32_t> all;
    for (const auto& client : clients_)
        all.insert(all.end(), client.microseconds[phase].begin(), client.microseconds[phase].end());
    if (all.empty()) return std::chrono::microseconds(0);
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), at, all.end());
    return std::chrono::microseconds(*at);
}

std::string HttpLoad::fetch(std::uint16_t port, const std::string& path) {
    return LoadClient(port).get(path);
}
