#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace playhouse::host {

/// Who is at the other end of a connection: as its socket says, or the PROXY header of a trusted proxy.
struct Peer {
    std::string address;     ///< without port, IPv4 never as IPv6; "unknown" when it has gone already
    bool isTrusted = false;  ///< it is one of EdgeSettings::trustedProxies, whose headers about clients are believed
};

/// `address` without a port, IPv4 in its own form when IPv6 carries it (RFC 4291 section 2.5.5.2).
std::string textOf(const boost::asio::ip::address& address);

/// The address that `socket` is connected to; "unknown" when it is no longer.
std::string remoteAddress(const boost::asio::ip::tcp::socket& socket);

}  // namespace playhouse::host
