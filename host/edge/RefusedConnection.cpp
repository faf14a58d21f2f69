#include "RefusedConnection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;

constexpr auto patience = std::chrono::seconds(1);
constexpr int mostReads = 16;

}  // namespace

RefusedConnection::RefusedConnection(std::shared_ptr<EventLoop> loop, tcp::socket socket, Admission::Seat seat)
    : loop_(std::move(loop)), socket_(std::move(socket)), seat_(std::move(seat)) {}

RefusedConnection::~RefusedConnection() = default;

void RefusedConnection::start(std::string_view answer) {
    loop_->add(shared_from_this());
    deadline_ = std::chrono::steady_clock::now() + patience;
    static_cast<void>(::send(socket_.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    waitForInput();
}

void RefusedConnection::waitForInput() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || !discardInput(self->socket_.native_handle())) return self->close();
        self->waitForInput();
    });
}

void RefusedConnection::close() {
    if (!socket_.is_open()) return;
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    socket_.close(ignored);
    loop_->remove(*this);
    seat_.reset();
}

bool discardInput(int socket) noexcept {
    std::array<char, 16 * 1024> forgotten;
    for (int round = 0; round < mostReads; ++round) {
        const auto got = ::recv(socket, forgotten.data(), forgotten.size(), MSG_DONTWAIT);
        if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        if (got == 0) return false;
    }
    return false;
}

}  // namespace playhouse::host
