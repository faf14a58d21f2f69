#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace playhouse::tests {

/// Something that listens where Redis should, answers a PING with one text and everything else with another, and keeps
/// its connections open.
class StubbornRedis {
public:
    StubbornRedis(std::string ping, std::string answer) : ping_(std::move(ping)), answer_(std::move(answer)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const where = reinterpret_cast<sockaddr*>(&address);
        ::bind(listener_, where, size);
        ::listen(listener_, SOMAXCONN);
        ::getsockname(listener_, where, &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }

    ~StubbornRedis() {
        ::eventfd_write(end_, 1);
        thread_.join();
        ::close(listener_);
        ::close(end_);
    }
    StubbornRedis(const StubbornRedis&) = delete;
    StubbornRedis& operator=(const StubbornRedis&) = delete;

    std::uint16_t port() const { return port_; }

private:
    void serve() const {
        std::vector<pollfd> watched{{end_, POLLIN, 0}, {listener_, POLLIN, 0}};
        while (::poll(watched.data(), watched.size(), -1) > 0 && watched[0].revents == 0) {
            const bool isAsked = watched[1].revents != 0;
            std::erase_if(watched, [this](const pollfd& each) { return isOver(each); });
            if (isAsked) watched.push_back({::accept(listener_, nullptr, nullptr), POLLIN, 0});
        }
        for (std::size_t index = 2; index < watched.size(); ++index) ::close(watched[index].fd);
    }

    /// Answers what came; true when the client has gone.
    bool isOver(const pollfd& client) const {
        if (client.fd == end_ || client.fd == listener_ || client.revents == 0) return false;
        std::array<char, 4096> asked{};
        const auto count = ::recv(client.fd, asked.data(), asked.size(), 0);
        if (count <= 0) {
            ::close(client.fd);
            return true;
        }
        const std::string_view text(asked.data(), static_cast<std::size_t>(count));
        const auto& said = text.find("PING") != std::string_view::npos ? ping_ : answer_;
        static_cast<void>(::send(client.fd, said.data(), said.size(), MSG_NOSIGNAL));
        return false;
    }

    std::string ping_;
    std::string answer_;
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int end_ = ::eventfd(0, EFD_CLOEXEC);
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace playhouse::tests
