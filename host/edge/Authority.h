#pragma once

#include <string_view>

namespace playhouse::host {

/// Whether `text` is a host with, or without, a port, as a Host header holds it: a name, an IPv4 address, or an IPv6
/// address in brackets (RFC 9110 section 7.2, RFC 3986 section 3.2.2). An empty one is allowed.
bool isAuthority(std::string_view text);

}  // namespace playhouse::host
