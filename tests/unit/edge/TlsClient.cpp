#include "TlsClient.h"

#include "trust/TlsContext.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace playhouse::host {
namespace {

std::runtime_error failure(const std::string& what) {
    const auto* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return std::runtime_error(what + ": " + (reason ? reason : "the connection ended"));
}

int keepSession(SSL* tls, SSL_SESSION* session) {
    *static_cast<std::shared_ptr<SSL_SESSION>*>(SSL_get_app_data(tls)) = {session, &SSL_SESSION_free};
    return 1;
}

}  // namespace

TlsClient::TlsClient(std::uint16_t port, const TlsOffer& offer)
    : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
      tls_(nullptr, &SSL_free),
      socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // OpenSSL writes without MSG_NOSIGNAL.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    auto* const context = context_.get();
    SSL_CTX_load_verify_file(context, offer.trust.c_str());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keepSession);
    if (offer.version != 0) {
        SSL_CTX_set_min_proto_version(context, offer.version);
        SSL_CTX_set_max_proto_version(context, offer.version);
    }
    std::string protocols;
    for (const auto& name : offer.protocols) protocols += static_cast<char>(name.size()) + name;
    if (!protocols.empty())
        SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (offer.receiveBuffer > 0)
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &offer.receiveBuffer, sizeof offer.receiveBuffer);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to the test server");
    static_cast<void>(::send(socket_, offer.before.data(), offer.before.size(), MSG_NOSIGNAL));
    tls_.reset(SSL_new(context));
    SSL_set_app_data(tls_.get(), &session_);
    SSL_set_tlsext_host_name(tls_.get(), "localhost");
    SSL_set1_host(tls_.get(), "localhost");
    if (offer.session) SSL_set_session(tls_.get(), offer.session.get());
    SSL_set_fd(tls_.get(), socket_);
    ERR_clear_error();
    if (SSL_connect(tls_.get()) != 1) {
        auto problem = failure("no handshake");
        ::close(socket_);
        throw problem;
    }
}

TlsClient::~TlsClient() {
    ::close(socket_);
}

void TlsClient::send(std::string_view bytes) {
    if (SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) throw failure("nothing can be sent");
}

void TlsClient::get(std::string_view target, std::string_view headers) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) + "\r\n");
}

bool TlsClient::readMore() {
    std::array<char, 16384> buffer{};
    ERR_clear_error();
    const auto got = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) {
        end_ = SSL_get_error(tls_.get(), got);
        return false;
    }
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

std::string TlsClient::receive(std::size_t size) {
    while (input_.size() < size && readMore()) {
    }
    auto taken = input_.substr(0, size);
    input_.erase(0, taken.size());
    return taken;
}

std::string TlsClient::head() {
    std::size_t end = std::string::npos;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos)
        if (!readMore()) throw failure("no answer");
    return receive(end + 4);
}

std::string TlsClient::body() {
    const auto fields = head();
    const std::string name = "Content-Length: ";
    const auto at = fields.find(name);
    if (at == std::string::npos) throw std::runtime_error("an answer without Content-Length: " + fields);
    return receive(std::stoul(fields.substr(at + name.size())));
}

bool TlsClient::isClosedInOrder() {
    return input_.empty() && !readMore() && end_ == SSL_ERROR_ZERO_RETURN;
}

void TlsClient::endSending() {
    SSL_shutdown(tls_.get());
}

std::string TlsClient::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::version() const {
    return SSL_get_version(tls_.get());
}

bool TlsClient::isResumed() const {
    return SSL_session_reused(tls_.get()) == 1;
}

std::shared_ptr<SSL_SESSION> TlsClient::session() const {
    return session_;
}

bool TlsClient::renegotiates() {
    return SSL_renegotiate(tls_.get()) == 1 && SSL_do_handshake(tls_.get()) == 1;
}

EdgeSettings overTls(const Certificates::Files& files, EdgeSettings settings) {
    settings.tls.context = std::make_shared<const TlsContext>(files.certificate, files.key, TlsContext::Version::Tls12);
    settings.tls.address = "127.0.0.1";
    return settings;
}

}  // namespace playhouse::host
