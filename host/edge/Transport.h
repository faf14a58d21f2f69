#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace playhouse::host {

/// The bytes of one connection, on a socket that never blocks: in clear, or under TLS. Used by its loop's thread, but
/// for sends that the loop has handed to a worker.
class Transport {
public:
    enum class Status {
        Done,        ///< `bytes` were moved, at least one
        WantsRead,   ///< nothing moved; go on when the socket can be read
        WantsWrite,  ///< nothing moved; go on when the socket can be written
        Ended,       ///< the other side sends no more
        Failed,      ///< the connection is broken
    };
    struct Transfer {
        Status status = Status::Done;
        std::size_t bytes = 0;
    };

    explicit Transport(boost::asio::ip::tcp::socket socket);
    virtual ~Transport();

    boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }

    /// Keeps what the connection holds of the server's limits for as long as this lives.
    void occupy(std::shared_ptr<void> seat) noexcept { seat_ = std::move(seat); }

    virtual Transfer receive(std::span<char> into) = 0;

    /// @param more  whether other bytes follow at once, so that a packet may wait for them
    virtual Transfer send(std::span<const iovec> pieces, bool more) = 0;

    /// Sends `size` bytes of `file` from `offset` on.
    virtual Transfer sendFile(int file, std::uint64_t offset, std::size_t size) = 0;

    /// Whether what was sent is with the kernel: Done, or what to wait for. Some of it may wait here until another send
    /// or flush comes.
    virtual Status flush() { return Status::Done; }

    /// Whether bytes have come that receive() gives although the socket may never become readable again.
    virtual bool hasBuffered() const noexcept { return false; }

    /// "http" or "https": by which of them its bytes go.
    virtual std::string_view scheme() const noexcept { return "http"; }

    /// Tells the other side that nothing more is sent.
    virtual void endSending();

    /// Ends the connection.
    virtual void close();

    /// Looks, without taking anything, how it is with the other side: Done when it has sent something, WantsRead when
    /// not, Ended or Failed.
    virtual Status peek();

    /// Bytes on the wire that the other side has not acknowledged.
    std::size_t unacknowledged() const noexcept;

    /// Between cork and uncork, packets go out full.
    void cork(bool on);

private:
    std::shared_ptr<void> seat_;
    boost::asio::ip::tcp::socket socket_;
};

/// Bytes in clear.
class PlainTransport final : public Transport {
public:
    using Transport::Transport;

    Transfer receive(std::span<char> into) override;
    Transfer send(std::span<const iovec> pieces, bool more) override;
    Transfer sendFile(int file, std::uint64_t offset, std::size_t size) override;
};

}  // namespace playhouse::host
