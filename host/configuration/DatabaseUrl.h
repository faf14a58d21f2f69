#pragma once

#include "platform/database/DatabaseSettings.h"

#include <filesystem>
#include <string>

namespace playhouse::host {

/// The database that `url` names (RFC 3986):
///
///     sqlite:///srv/playhouse.db                 a file; sqlite:playhouse.db one below `storagePath`
///     postgresql://user:password@host:5432/name  PostgreSQL, also postgres://; only the scheme is needed
///
/// Hosts may be several, separated by commas, of which the first that answers is used, and parameters of libpq may
/// follow: "?sslmode=verify-full&connect_timeout=5".
///
/// Empty: the file playhouse.db in `storagePath`. Percent-encoded characters are decoded. Throws std::invalid_argument,
/// which says what is wrong and never shows a password.
DatabaseSettings databaseOf(const std::string& url, const std::filesystem::path& storagePath);

}  // namespace playhouse::host
