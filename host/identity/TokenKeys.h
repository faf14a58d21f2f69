#pragma once

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace Poco::JWT {
class Token;
}

namespace playhouse::host {

/// What tokens are signed and verified with, by one algorithm that nothing in a token can change: a secret (HS256), or
/// key pairs on the curve P-256 (ES256).
///
/// Immutable; safe from any thread. Renewed keys take a new one.
class TokenKeys {
public:
    enum class Algorithm { Hs256, Es256 };

    /// HS256 (RFC 7518 section 3.2).
    static std::shared_ptr<const TokenKeys> ofSecret(std::string secret);

    /// ES256 (RFC 7518 section 3.4). `files`: PEM files of private keys, not encrypted, or of public ones. The first
    /// private one signs; all verify. Throws std::runtime_error that names the file when one cannot be read, or is no
    /// key on P-256. No message holds anything of a key.
    static std::shared_ptr<const TokenKeys> ofFiles(const std::vector<std::filesystem::path>& files);

    virtual ~TokenKeys() = default;
    TokenKeys(const TokenKeys&) = delete;
    TokenKeys& operator=(const TokenKeys&) = delete;

    virtual Algorithm algorithm() const noexcept = 0;

    /// As it stands in a token's "alg".
    std::string_view algorithmName() const noexcept { return algorithm() == Algorithm::Hs256 ? "HS256" : "ES256"; }

    virtual bool canSign() const noexcept = 0;

    /// The signed token; "alg" and "kid" are set here. Throws std::logic_error when no key can sign.
    virtual std::string sign(Poco::JWT::Token token) const = 0;

    /// Whether `signature` (decoded) is one of these keys' over `token`, which is whole and well formed, and whose
    /// header names this algorithm. `keyId`: its "kid"; without one every key is tried.
    virtual bool verify(const std::string& token, std::string_view signature,
                        const std::optional<std::string>& keyId) const = 0;

    /// The public keys as a JWK Set (RFC 7517 section 5); with a secret it is empty.
    virtual boost::json::object publicKeys() const = 0;

    /// Whether `other` signs and verifies the same.
    virtual bool isSameAs(const TokenKeys& other) const noexcept = 0;

    /// The files it was made of.
    const std::vector<std::filesystem::path>& files() const noexcept { return files_; }

    /// What an operator should know although it can be used: a private key that everybody may read.
    const std::vector<std::string>& warnings() const noexcept { return warnings_; }

protected:
    TokenKeys() = default;

    std::vector<std::filesystem::path> files_;
    std::vector<std::string> warnings_;
};

}  // namespace playhouse::host
