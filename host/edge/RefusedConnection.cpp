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
    : BriefConnection(std::move(loop), std::move(socket)), seat_(std::move(seat)) {}

RefusedConnection::~RefusedConnection() = default;

void RefusedConnection::start(std::string_view answer) {
    begin(patience);
    static_cast<void>(::send(socket().native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    boost::system::error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
    waitForInput();
}

void RefusedConnection::onReadable() {
    if (!discardInput(socket().native_handle())) return close();
    waitForInput();
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
