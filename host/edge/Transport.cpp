#include "Transport.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;

Transport::Transfer outcome(ssize_t moved, Transport::Status wants) {
    if (moved > 0) return {Transport::Status::Done, static_cast<std::size_t>(moved)};
    // An interrupted call is asked again as one that would have blocked.
    if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {wants, 0};
    return {moved == 0 ? Transport::Status::Ended : Transport::Status::Failed, 0};
}

}  // namespace

Transport::Transport(tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

Transport::~Transport() = default;

void Transport::endSending() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Transport::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

Transport::Status Transport::peek() {
    char one = 0;
    return outcome(::recv(socket_.native_handle(), &one, 1, MSG_DONTWAIT | MSG_PEEK), Status::WantsRead).status;
}

std::size_t Transport::unacknowledged() const noexcept {
    int bytes = 0;
    // native_handle() is not const, although it only tells.
    auto& socket = const_cast<tcp::socket&>(socket_);
    return ::ioctl(socket.native_handle(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Transport::cork(bool on) {
    const int value = on ? 1 : 0;
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
}

Transport::Transfer PlainTransport::receive(std::span<char> into) {
    return outcome(::recv(socket().native_handle(), into.data(), into.size(), MSG_DONTWAIT), Status::WantsRead);
}

Transport::Transfer PlainTransport::send(std::span<const iovec> pieces, bool more) {
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
    const auto descriptor = socket().native_handle();
    // The kernel copies no header and no list for a single piece, which tells when thousands get one message each.
    if (pieces.size() == 1)
        return outcome(::send(descriptor, pieces[0].iov_base, pieces[0].iov_len, flags), Status::WantsWrite);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    return outcome(::sendmsg(descriptor, &message, flags), Status::WantsWrite);
}

Transport::Transfer PlainTransport::sendFile(int file, std::uint64_t offset, std::size_t size) {
    auto at = static_cast<off_t>(offset);
    return outcome(::sendfile(socket().native_handle(), file, &at, size), Status::WantsWrite);
}

}  // namespace playhouse::host
