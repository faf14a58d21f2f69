#include "TlsTransport.h"

#include "Peer.h"

#include <Poco/Logger.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace playhouse::host {
namespace {

using boost::asio::ip::tcp;

/// The most that a record holds (RFC 8446 section 5.1).
constexpr std::size_t recordSize = 16 * 1024;

TlsTransport::Wire& wireOf(BIO* bio) {
    return *static_cast<TlsTransport::Wire*>(BIO_get_data(bio));
}

int moved(BIO* bio, ssize_t count, void (*retryLater)(BIO*), std::size_t* bytes) {
    BIO_clear_retry_flags(bio);
    if (count > 0) {
        *bytes = static_cast<std::size_t>(count);
        return 1;
    }
    *bytes = 0;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) retryLater(bio);
    if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return 0;
}

int readSocket(BIO* bio, char* into, std::size_t size, std::size_t* bytes) {
    const auto count = ::recv(wireOf(bio).socket, into, size, MSG_DONTWAIT);
    return moved(
        bio, count, [](BIO* each) { BIO_set_retry_read(each); }, bytes);
}

int writeSocket(BIO* bio, const char* from, std::size_t size, std::size_t* bytes) {
    const auto& wire = wireOf(bio);
    const auto count = ::send(wire.socket, from, size, MSG_NOSIGNAL | MSG_DONTWAIT | (wire.moreFollows ? MSG_MORE : 0));
    return moved(
        bio, count, [](BIO* each) { BIO_set_retry_write(each); }, bytes);
}

long controlSocket(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// OpenSSL's own BIO would write without MSG_NOSIGNAL, and could not say that more follows.
const BIO_METHOD* socketMethod() {
    static const auto method = [] {
        std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> made(
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "playhouse socket"), &BIO_meth_free);
        if (!made) throw std::bad_alloc();
        BIO_meth_set_read_ex(made.get(), readSocket);
        BIO_meth_set_write_ex(made.get(), writeSocket);
        BIO_meth_set_ctrl(made.get(), controlSocket);
        return made;
    }();
    return method.get();
}

}  // namespace

void TlsTransport::Free::operator()(ssl_st* connection) const noexcept {
    SSL_free(connection);
}

TlsTransport::TlsTransport(tcp::socket given, const TlsContext& context, prometheus::Counter& failedHandshakes)
    : Transport(std::move(given)),
      failedHandshakes_(failedHandshakes),
      wire_{.socket = socket().native_handle()},
      tls_(SSL_new(context.native())) {
    auto* const bio = BIO_new(socketMethod());
    if (!tls_ || !bio) {
        BIO_free(bio);
        throw std::bad_alloc();
    }
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_.get(), bio, bio);
    SSL_set_accept_state(tls_.get());
}

TlsTransport::~TlsTransport() = default;

/// What an operation that moved nothing says.
Transport::Status TlsTransport::statusOf(int result) {
    switch (SSL_get_error(tls_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return Status::WantsRead;
        case SSL_ERROR_WANT_WRITE:
            return Status::WantsWrite;
        case SSL_ERROR_ZERO_RETURN:
            return Status::Ended;
        default:
            onFailure();
            return Status::Failed;
    }
}

void TlsTransport::onFailure() {
    const auto code = ERR_peek_error();
    ERR_clear_error();
    if (std::exchange(isBroken_, true) || ERR_GET_LIB(code) != ERR_LIB_SSL) return;
    const auto reason = ERR_GET_REASON(code);
    if (const auto* const text = ERR_reason_error_string(code))
        Poco::Logger::get("http").debug("TLS with " + remoteAddress(socket()) + " failed: " + text);
    if (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST) refuseClearText();
}

/// Whoever speaks HTTP to a port of HTTPS is to learn why nothing else comes back.
void TlsTransport::refuseClearText() {
    // What has come is taken first: the kernel resets a connection that is closed with bytes unread, and our answer
    // with it.
    std::array<char, 4096> rest;
    while (::recv(wire_.socket, rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
    }
    static constexpr std::string_view body = "This port speaks HTTPS: begin with https://\n";
    const auto answer =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    static_cast<void>(::send(wire_.socket, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    Transport::endSending();
}

Transport::Transfer TlsTransport::receive(std::span<char> into) {
    if (isBroken_) return {Status::Failed, 0};
    ERR_clear_error();
    std::size_t bytes = 0;
    const auto result = SSL_read_ex(tls_.get(), into.data(), into.size(), &bytes);
    isOpen_ = isOpen_ || SSL_in_init(tls_.get()) == 0;
    if (result == 1) return {Status::Done, bytes};
    return {statusOf(result), 0};
}

Transport::Status TlsTransport::peek() {
    if (isBroken_) return Status::Failed;
    ERR_clear_error();
    char one = 0;
    std::size_t bytes = 0;
    const auto result = SSL_peek_ex(tls_.get(), &one, 1, &bytes);
    return result == 1 ? Status::Done : statusOf(result);
}

bool TlsTransport::hasBuffered() const noexcept {
    return SSL_pending(tls_.get()) > 0;
}

/// Sends what waits. OpenSSL has it encrypted already, and looks only at how much it was.
Transport::Status TlsTransport::flush() {
    if (isBroken_) return Status::Failed;
    if (waiting_ == 0) return Status::Done;
    static constexpr std::array<char, recordSize> sameSize{};
    ERR_clear_error();
    std::size_t written = 0;
    const auto result = SSL_write_ex(tls_.get(), sameSize.data(), waiting_, &written);
    if (result != 1) return statusOf(result);
    waiting_ = 0;
    return Status::Done;
}

Transport::Transfer TlsTransport::encrypt(const char* bytes, std::size_t size) {
    ERR_clear_error();
    std::size_t written = 0;
    const auto result = SSL_write_ex(tls_.get(), bytes, size, &written);
    if (result == 1) return {Status::Done, written};
    const auto status = statusOf(result);
    if (status != Status::WantsWrite || SSL_in_init(tls_.get())) return {status, 0};
    waiting_ = size;
    return {Status::Done, size};
}

Transport::Transfer TlsTransport::send(std::span<const iovec> pieces, bool more) {
    wire_.moreFollows = false;
    if (const auto status = flush(); status != Status::Done) return {status, 0};
    while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
    if (pieces.empty()) return {Status::Ended, 0};
    const auto& first = pieces.front();
    std::size_t total = 0;
    for (const auto& piece : pieces) total += piece.iov_len;
    wire_.moreFollows = more || total > recordSize;
    // One record for many small pieces: each costs its client some twenty bytes and a decryption.
    if (first.iov_len >= recordSize || first.iov_len == total)
        return encrypt(static_cast<const char*>(first.iov_base), std::min(first.iov_len, recordSize));
    std::array<char, recordSize> record;
    std::size_t size = 0;
    for (const auto& piece : pieces) {
        const auto part = std::min(piece.iov_len, recordSize - size);
        std::memcpy(record.data() + size, piece.iov_base, part);
        size += part;
        if (size == recordSize) break;
    }
    return encrypt(record.data(), size);
}

Transport::Transfer TlsTransport::sendFile(int file, std::uint64_t offset, std::size_t size) {
    wire_.moreFollows = false;
    if (const auto status = flush(); status != Status::Done) return {status, 0};
    std::array<char, recordSize> record;
    const auto got = ::pread(file, record.data(), std::min(size, recordSize), static_cast<off_t>(offset));
    if (got < 0) return {Status::Failed, 0};
    if (got == 0) return {Status::Ended, 0};
    const auto count = static_cast<std::size_t>(got);
    wire_.moreFollows = count < size;
    return encrypt(record.data(), count);
}

/// Says close_notify, once, and as far as the socket takes it: the other side then knows that nothing was cut off.
void TlsTransport::tellClose() {
    if (isBroken_ || closeIsTold_ || SSL_in_init(tls_.get())) return;
    closeIsTold_ = true;
    wire_.moreFollows = false;
    if (flush() != Status::Done) return;
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(tls_.get()));
    ERR_clear_error();
}

void TlsTransport::endSending() {
    tellClose();
    Transport::endSending();
}

/// Who connects and says nothing, as the checks of load balancers do, has not begun one.
void TlsTransport::countFailedHandshake() {
    if (!std::exchange(isOpen_, true) && BIO_number_read(SSL_get_rbio(tls_.get())) > 0) failedHandshakes_.Increment();
}

void TlsTransport::close() {
    countFailedHandshake();
    tellClose();
    Transport::close();
}

}  // namespace playhouse::host
