#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace playhouse::host {

/// One `key = value` with the line it stands on, counted from 1.
struct Property {
    std::string key;
    std::string value;
    std::size_t line = 0;
};

/// One file in the properties format of Poco::Util::PropertyFileConfiguration: `key = value`, comments behind "#", a
/// backslash at the end of a line continues it. Stricter than Poco in two ways: a line needs its "=", and a key stands
/// once in a file.
struct PropertyFile {
    std::filesystem::path path;
    std::vector<Property> properties;

    /// Throws ConfigurationError with every wrong line, or when the file cannot be read.
    static PropertyFile read(const std::filesystem::path& path);
};

/// `path` and what it includes by `include = FILE` (relative to the including file), the included first, so that later
/// entries override earlier ones. Throws ConfigurationError, for files that include each other too.
std::vector<PropertyFile> readWithIncludes(const std::filesystem::path& path);

}  // namespace playhouse::host
