#include "RefreshToken.h"

#include <Poco/DigestEngine.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <span>
#include <stdexcept>

namespace playhouse::auth::refresh_token {
namespace {

constexpr std::size_t randomBytes = 32;
constexpr std::size_t signatureBytes = 16;
constexpr std::size_t idDigits = 32;
constexpr std::size_t signedDigits = idDigits + 2 * randomBytes;
constexpr std::size_t allDigits = signedDigits + 2 * signatureBytes;
/// Where a UUID has its hyphens, in digits.
constexpr std::array<std::size_t, 4> hyphens{8, 12, 16, 20};

std::string hexOf(std::span<const unsigned char> bytes) {
    return Poco::DigestEngine::digestToHex({bytes.begin(), bytes.end()});
}

std::string randomDigits() {
    std::array<unsigned char, randomBytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("there are no random bytes for a refresh token");
    return hexOf(bytes);
}

std::string signatureOf(std::string_view signedPart, std::string_view key) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(signedPart.data()), signedPart.size(), code.data(),
             &size) == nullptr)
        throw std::runtime_error("a refresh token could not be signed");
    return hexOf(std::span(code).first(signatureBytes));
}

}  // namespace

std::string newKey() {
    return randomDigits();
}

std::string make(std::string_view sessionId, std::string_view key) {
    std::string token;
    for (const char one : sessionId)
        if (one != '-') token += one;
    token += randomDigits();
    return token + signatureOf(token, key);
}

std::string hashOf(std::string_view token) {
    std::array<unsigned char, 32> digest{};
    unsigned int length = 0;
    if (EVP_Digest(token.data(), token.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 of a refresh token failed");
    return hexOf(digest);
}

std::optional<std::string> sessionIdIn(std::string_view token) {
    if (token.size() != allDigits || token.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return std::nullopt;
    std::string id(token.substr(0, idDigits));
    for (auto hyphen = hyphens.rbegin(); hyphen != hyphens.rend(); ++hyphen) id.insert(*hyphen, 1, '-');
    return id;
}

bool isSignedBy(std::string_view token, std::string_view key) {
    if (token.size() != allDigits) return false;
    const auto expected = signatureOf(token.substr(0, signedDigits), key);
    return CRYPTO_memcmp(expected.data(), token.data() + signedDigits, expected.size()) == 0;
}

}  // namespace playhouse::auth::refresh_token
