#pragma once

#include "AdminAccess.h"
#include "AdminServer.h"
#include "AdminTable.h"
#include "platform/WorkerPool.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <memory>
#include <string>

namespace playhouse::host {

/// What the sessions of a server share; outlives them.
struct AdminShared {
    AdminTable table;
    WorkerPool workers;
    AdminAccess access;
    AdminLimits limits;
};

/// One connection to the admin API: one request, one answer. All of it happens on the loop of its socket, except the
/// handler, which runs on a worker.
class AdminSession : public std::enable_shared_from_this<AdminSession> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    /// @param caller      who is at the other end
    /// @param needsToken  over TCP
    AdminSession(AdminShared& shared, Socket socket, std::string caller, bool needsToken);

    void start();

    /// Gives up a request that has not come in whole.
    void stopReading();

private:
    void onHeader(const boost::system::error_code& error);
    void onBody(const boost::system::error_code& error);
    void refuseToken(AdminAccess::Verdict verdict);
    void refuseMessage(const boost::system::error_code& error);
    void dispatch();
    void send(Response answer);
    void linger();
    void drain();
    void close();

    AdminShared& shared_;
    boost::beast::basic_stream<boost::asio::generic::stream_protocol> stream_;
    boost::asio::steady_timer pause_;
    const std::string caller_;
    const bool needsToken_;
    const std::string requestId_;
    bool reading_ = true;
    boost::beast::flat_buffer buffer_;
    boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
    boost::beast::http::response<boost::beast::http::string_body> answer_;
    std::array<char, 4096> discarded_{};
    std::size_t discardedBytes_ = 0;
};

}  // namespace playhouse::host
