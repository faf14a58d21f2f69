#pragma once

#include "TokenClaims.h"
#include "TokenKeys.h"

#include <memory>
#include <string>
#include <vector>

namespace playhouse::host {

/// How tokens are signed and verified. Each has its key, unit, reason and default in config/playhouse.properties.
struct IdentitySettings {
    std::shared_ptr<const TokenKeys> keys;  ///< null: of a secret that is made and kept in storage.path
    TokenRules rules;
    std::vector<std::string> warnings{};  ///< what an operator should know, such as of a weak secret
};

/// The file of the secret that is made where none is configured, in storage.path.
inline constexpr const char* keptSecretFile = "token-secret";

}  // namespace playhouse::host
