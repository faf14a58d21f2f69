#pragma once

#include <Poco/Net/Context.h>

#include <filesystem>

namespace playhouse::host {

/// How a server that this host connects to is trusted: it speaks TLS 1.2 or newer, and shows a certificate of the host
/// that was asked for, signed by one of `authorities` (a PEM file; empty: those that this machine trusts). For any
/// number of connections, on any thread.
///
/// Throws std::runtime_error that names the file when it cannot be read, or holds no certificate.
Poco::Net::Context::Ptr serverTrust(const std::filesystem::path& authorities);

}  // namespace playhouse::host
