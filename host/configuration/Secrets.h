#pragma once

#include <string>
#include <string_view>

namespace playhouse::host {

/// What may be shown of the setting or environment variable `name`: "********" in place of a value whose name speaks of
/// a secret, password, token or private key; a URL without its password; anything else as it is.
std::string withoutSecrets(std::string_view name, std::string_view value);

}  // namespace playhouse::host
