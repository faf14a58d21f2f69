#pragma once

#include <filesystem>

namespace playhouse::host {

/// Copies the regular file `from` to `to`, which must not exist, so that at no moment anyone but this user can change
/// the copy: what is checked afterwards is what was copied. Its mode is 0400.
///
/// Throws std::filesystem::filesystem_error; nothing is left of the copy then. Waits for no writer of a named pipe.
void copyPrivately(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace playhouse::host
