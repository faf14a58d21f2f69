#pragma once

#include "Certificates.h"
#include "TestServer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace playhouse::host {

/// What a TLS client asks for.
struct TlsOffer {
    std::filesystem::path trust{};              ///< PEM file of the certificate that the server must show
    std::vector<std::string> protocols{};       ///< by ALPN
    int version = 0;                            ///< the only one to speak, such as TLS1_2_VERSION; 0: any
    std::string before{};                       ///< bytes to send before TLS begins
    std::shared_ptr<ssl_session_st> session{};  ///< to resume
    int receiveBuffer = 0;                      ///< SO_RCVBUF; 0: the system's
};

/// A client of OpenSSL that verifies the server's certificate.
class TlsClient {
public:
    /// Connects and makes the handshake. Throws std::runtime_error with OpenSSL's reason when that fails.
    TlsClient(std::uint16_t port, const TlsOffer& offer);
    ~TlsClient();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    void send(std::string_view bytes);
    void get(std::string_view target, std::string_view headers = {});

    /// Reads until `size` bytes are there, or the connection ends.
    std::string receive(std::size_t size);

    /// The body of the next answer, which must have a Content-Length.
    std::string body();
    std::string head();

    /// Whether the server ends now by close_notify, with nothing more to say.
    bool isClosedInOrder();

    /// Says close_notify, and reads on.
    void endSending();

    std::string protocol() const;  ///< that ALPN has chosen
    std::string version() const;
    bool isResumed() const;
    std::shared_ptr<ssl_session_st> session() const;
    bool renegotiates();

private:
    bool readMore();

    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
    int socket_ = -1;
    int end_ = 0;  // SSL_get_error() of the last read that gave nothing
    std::string input_;
    std::shared_ptr<ssl_session_st> session_;
};

/// Settings with a certificate, for the loopback address.
EdgeSettings overTls(const Certificates::Files& files, EdgeSettings settings = {});

}  // namespace playhouse::host
