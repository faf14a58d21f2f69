#pragma once

#include <filesystem>

namespace playhouse::host {

/// Reads the headers of a shared library (ELF, System V gABI chapters 4 and 5) without loading it.
///
/// Throws std::runtime_error that says what is wrong when the file is no shared library for this machine, or ends
/// before what its headers promise. The loader does not notice the latter: it maps the file, and the process dies when
/// it touches what is missing.
void checkLibraryFile(const std::filesystem::path& file);

}  // namespace playhouse::host
