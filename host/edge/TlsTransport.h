#pragma once

#include "Transport.h"

#include "trust/TlsContext.h"

#include <prometheus/counter.h>

struct ssl_st;

namespace playhouse::host {

/// Bytes under TLS (RFC 8446, RFC 5246). The handshake is made by whichever call comes first, and by those that follow:
/// receive() says what it waits for meanwhile.
///
/// A record that the socket has no room for waits here as if it were sent; flush() tells when it has gone.
class TlsTransport final : public Transport {
public:
    /// What OpenSSL's reads and writes know of the socket.
    struct Wire {
        int socket = -1;
        bool moreFollows = false;  ///< so that a packet may wait
    };

    /// @param failedHandshakes  counts this one if a handshake begins and does not come to its end
    TlsTransport(boost::asio::ip::tcp::socket socket, const TlsContext& context, prometheus::Counter& failedHandshakes);
    ~TlsTransport() override;

    Transfer receive(std::span<char> into) override;
    Transfer send(std::span<const iovec> pieces, bool more) override;
    Transfer sendFile(int file, std::uint64_t offset, std::size_t size) override;
    Status flush() override;
    bool hasBuffered() const noexcept override;
    std::string_view scheme() const noexcept override { return "https"; }
    Status peek() override;
    void endSending() override;
    void close() override;

private:
    struct Free {
        void operator()(ssl_st* connection) const noexcept;
    };

    Transfer encrypt(const char* bytes, std::size_t size);
    Status statusOf(int result);
    void onFailure();
    void refuseClearText();
    void tellClose();
    void countFailedHandshake();

    prometheus::Counter& failedHandshakes_;
    Wire wire_;
    std::unique_ptr<ssl_st, Free> tls_;
    std::size_t waiting_ = 0;  ///< bytes of the record that waits for room in the socket
    bool isOpen_ = false;      ///< the handshake has come to its end
    bool isBroken_ = false;    ///< nothing can be sent any more, not even an alert
    bool closeIsTold_ = false;
};

}  // namespace playhouse::host
