#pragma once

#include "BriefConnection.h"
#include "ProxyProtocol.h"

#include <functional>
#include <memory>
#include <string>

namespace playhouse::host {

/// A connection from a trusted proxy that has yet to say whose it is. Takes the PROXY header off the socket, and not a
/// byte more, and hands the socket on; one that sends something else, or nothing within http.header-timeout, is closed.
class ProxyProtocolConnection final : public BriefConnection {
public:
    /// Goes on with the socket of the client at the address that is given.
    using Next = std::function<void(boost::asio::ip::tcp::socket, std::string address)>;

    ProxyProtocolConnection(std::shared_ptr<EventLoop> loop, boost::asio::ip::tcp::socket socket, Next next);
    ~ProxyProtocolConnection() override;

    void start();

private:
    void onReadable() override;
    void refuse();

    Next next_;
    ProxyHeader header_;
};

}  // namespace playhouse::host
