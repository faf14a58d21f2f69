#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace playhouse::host {

/// Why `secret` should sign no tokens, such as "it is shorter than 32 bytes"; empty when it may. Holds nothing of it.
std::string weaknessOf(std::string_view secret);

/// 32 random bytes, as 64 hexadecimal digits.
std::string randomSecret();

/// The secret in `file`; one is made at the first call, whole or not at all, readable by this user alone. Of two
/// processes that make one at once both get the same.
///
/// Throws std::runtime_error that names the file, and says what to do, when it cannot be made or read, does not hold
/// what was written, or may be read by others.
std::string keptSecret(const std::filesystem::path& file);

}  // namespace playhouse::host
