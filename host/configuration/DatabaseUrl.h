#pragma once

#include "platform/database/DatabaseSettings.h"

#include <filesystem>
#include <string>

namespace playhouse::host {

/// The database that `url` names (RFC 3986):
///
///     sqlite:///srv/playhouse.db                 a file; sqlite:playhouse.db one below `storagePath`
///     postgresql://user:password@host:5432/name  PostgreSQL, also postgres://; each part but the scheme may be
///     missing,
///                                                and parameters of libpq may follow, such as ?sslmode=verify-full
///
/// Empty: the file playhouse.db in `storagePath`. Percent-encoded characters are decoded. Throws std::invalid_argument,
/// which says what is wrong and never shows a password.
DatabaseSettings databaseOf(const std::string& url, const std::filesystem::path& storagePath);

}  // namespace playhouse::host
