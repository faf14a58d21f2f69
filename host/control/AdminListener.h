#pragma once

#include "AdminSession.h"
#include "ControlSocket.h"

#include <Poco/Logger.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace playhouse::host {

/// Takes connections from one listening socket and counts them. Lives on the loop.
template <class Protocol>
class AdminListener {
public:
    using Acceptor = typename Protocol::acceptor;

    AdminListener(AdminShared& shared, boost::asio::io_context& loop, Acceptor acceptor)
        : shared_(shared), acceptor_(std::move(acceptor)), pause_(loop) {}

    Acceptor& acceptor() { return acceptor_; }

    void accept() {
        acceptor_.async_accept([this](const boost::system::error_code& error, typename Protocol::socket socket) {
            if (error == boost::asio::error::operation_aborted) return;
            if (error) return acceptLater(error);
            take(std::move(socket));
            accept();
        });
    }

    void close() {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        for (const auto& session : sessions_)
            if (const auto open = session.lock()) open->stopReading();
    }

private:
    static constexpr bool isTcp = std::is_same_v<Protocol, boost::asio::ip::tcp>;

    /// Out of descriptors, say: that passes.
    void acceptLater(const boost::system::error_code& error) {
        Poco::Logger::get("control").warning("The admin API could not take a connection: " + error.message());
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) accept();
        });
    }

    void take(typename Protocol::socket socket) {
        std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
        const auto caller = callerOf(socket);
        // A caller too many is cut off without an answer, which costs nothing.
        if (!caller || sessions_.size() >= shared_.limits.connections) return;
        if constexpr (isTcp) {
            std::erase_if(byAddress_, [](const auto& session) { return session.second.expired(); });
            if (byAddress_.count(*caller) >= shared_.limits.connectionsByAddress) return;
        }
        auto session = std::make_shared<AdminSession>(shared_, AdminSession::Socket(std::move(socket)), *caller, isTcp);
        sessions_.push_back(session);
        if constexpr (isTcp) byAddress_.emplace(*caller, session);
        session->start();
    }

    static std::optional<std::string> callerOf(typename Protocol::socket& socket) {
        if constexpr (isTcp) {
            boost::system::error_code gone;
            const auto endpoint = socket.remote_endpoint(gone);
            if (gone) return std::nullopt;
            return addressOf(endpoint.address());
        } else {
            return peerName(socket.native_handle());
        }
    }

    static std::string addressOf(const boost::asio::ip::address& address) {
        if (address.is_v6() && address.to_v6().is_v4_mapped())
            return make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).to_string();
        return address.to_string();
    }

    AdminShared& shared_;
    Acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::vector<std::weak_ptr<AdminSession>> sessions_;
    std::multimap<std::string, std::weak_ptr<AdminSession>> byAddress_;
};

}  // namespace playhouse::host
