#include "TokenKeys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <Poco/Crypto/OpenSSLInitializer.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <array>
#include <utility>

namespace playhouse::host {
namespace {

class SecretKeys final : public TokenKeys {
public:
    explicit SecretKeys(std::string secret) : secret_(std::move(secret)), signer_(secret_) {}

    Algorithm algorithm() const noexcept override { return Algorithm::Hs256; }
    bool canSign() const noexcept override { return true; }

    std::string sign(Poco::JWT::Token token) const override {
        return signer_.sign(token, Poco::JWT::Signer::ALGO_HS256);
    }

    /// Poco compares byte for byte until one differs, which tells by its time how far a forgery is right.
    bool verify(const std::string& token, std::string_view signature,
                const std::optional<std::string>&) const override {
        const auto signedPart = std::string_view(token).substr(0, token.rfind('.'));
        std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
        unsigned size = 0;
        HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
             reinterpret_cast<const unsigned char*>(signedPart.data()), signedPart.size(), expected.data(), &size);
        return signature.size() == size && CRYPTO_memcmp(signature.data(), expected.data(), size) == 0;
    }

    boost::json::object publicKeys() const override { return {{"keys", boost::json::array()}}; }

    bool isSameAs(const TokenKeys& other) const noexcept override {
        const auto* same = dynamic_cast<const SecretKeys*>(&other);
        return same != nullptr && same->secret_ == secret_;
    }

private:
    /// Poco makes one for each signature; when several threads end the last of them at once, it frees its own twice.
    const Poco::Crypto::OpenSSLInitializer keepsOpenSsl_;
    const std::string secret_;
    const Poco::JWT::Signer signer_;
};

}  // namespace

std::shared_ptr<const TokenKeys> TokenKeys::ofSecret(std::string secret) {
    return std::make_shared<const SecretKeys>(std::move(secret));
}

}  // namespace playhouse::host
