#pragma once

#include "Admission.h"
#include "SpareDescriptor.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

class EventLoop;

/// One address and port that a server listens on, with a listening socket for each of its loops (SO_REUSEPORT), so that
/// the kernel shares connections out without a lock.
///
/// Each loop accepts on its own thread; what else is here is for the thread that owns the server.
class Listener {
public:
    enum class Security { Clear, Tls };

    /// Binds, and does not accept yet. `loops` outlive this.
    ///
    /// @param port  0: any free one
    ///
    /// Throws std::runtime_error naming address and port when they cannot be had.
    Listener(const std::vector<std::shared_ptr<EventLoop>>& loops, const std::string& address, std::uint16_t port,
             Security security);

    /// Accepts from now on. Before the loops run.
    void start();

    /// Accepts no more on `loop`. On that loop's thread.
    void stop(const EventLoop& loop);

    std::uint16_t port() const noexcept { return port_; }

private:
    struct Acceptor {
        boost::asio::ip::tcp::acceptor socket;
        boost::asio::steady_timer pause;
        std::shared_ptr<EventLoop> loop;
        SpareDescriptor spare{};
    };

    void accept(Acceptor& acceptor);
    void welcome(Acceptor& acceptor, boost::asio::ip::tcp::socket socket);
    void onAcceptError(Acceptor& acceptor, const boost::system::error_code& error);
    void refuse(const std::shared_ptr<EventLoop>& loop, boost::asio::ip::tcp::socket socket,
                Admission::Verdict verdict) const;
    static void begin(const std::shared_ptr<EventLoop>& loop, boost::asio::ip::tcp::socket socket, Security security,
                      Admission::Place place);
    static void serve(const std::shared_ptr<EventLoop>& loop, boost::asio::ip::tcp::socket socket, std::string address,
                      Security security, Admission::Place place);

    const std::vector<std::shared_ptr<EventLoop>>& loops_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    const Security security_;
    std::atomic<std::chrono::steady_clock::rep> nextWarning_{0};
    std::uint16_t port_ = 0;
};

}  // namespace playhouse::host
