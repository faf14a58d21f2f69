#include "TokenKeys.h"

#include "Base64Url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <Poco/Crypto/ECKey.h>
#include <Poco/Crypto/EVPPKey.h>
#include <Poco/JWT/JWTException.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace playhouse::host {
namespace {

/// Of a number on P-256.
constexpr int numberSize = 32;

/// Of a signature in a token: two such numbers (RFC 7518 section 3.4).
constexpr std::size_t signatureSize = 2 * numberSize;

struct Free {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(BIGNUM* number) const noexcept { BN_free(number); }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, Free>;

struct CurveKey {
    std::string id;
    std::string x;  ///< in base64url
    std::string y;
    bool isPrivate = false;
    std::unique_ptr<const Poco::JWT::Signer> signer;
};

/// Without it OpenSSL would ask for a passphrase at the terminal.
int refusePassphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 0;
}

std::pair<KeyHandle, bool> readKey(const std::filesystem::path& path) {
    const std::unique_ptr<std::FILE, Free> file(std::fopen(path.c_str(), "re"));
    if (!file) throw std::runtime_error(path.string() + " cannot be read: " + std::generic_category().message(errno));
    bool isEncrypted = false;
    KeyHandle key(PEM_read_PrivateKey(file.get(), nullptr, refusePassphrase, &isEncrypted));
    const bool isPrivate = key != nullptr;
    if (isEncrypted)
        throw std::runtime_error(path.string() +
                                 " is encrypted; the server asks for no passphrase: write it out with openssl pkey");
    if (!isPrivate) {
        std::rewind(file.get());
        key.reset(PEM_read_PUBKEY(file.get(), nullptr, nullptr, nullptr));
    }
    ERR_clear_error();
    if (!key) throw std::runtime_error(path.string() + " is no PEM file of a private or public key");
    return {std::move(key), isPrivate};
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
    BIGNUM* found = nullptr;
    EVP_PKEY_get_bn_param(key, name, &found);
    const std::unique_ptr<BIGNUM, Free> number(found);
    std::string bytes(numberSize, '\0');
    if (!number || BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), numberSize) < 0)
        throw std::runtime_error("OpenSSL does not tell a key's point");
    return base64UrlEncoded(bytes);
}

bool isOnP256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), nullptr) != 1)
        return false;
    return OBJ_txt2nid(group.data()) == NID_X9_62_prime256v1;
}

/// RFC 7638: the digest of the key's necessary members, in the order of their names.
std::string thumbprint(const CurveKey& key) {
    const auto text = R"({"crv":"P-256","kty":"EC","x":")" + key.x + R"(","y":")" + key.y + "\"}";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return base64UrlEncoded({reinterpret_cast<const char*>(digest.data()), size});
}

CurveKey makeKey(const std::filesystem::path& path) {
    const auto [handle, isPrivate] = readKey(path);
    if (!isOnP256(handle.get()))
        throw std::runtime_error(path.string() +
                                 " holds no key on the curve P-256; make one with: openssl genpkey -algorithm EC "
                                 "-pkeyopt ec_paramgen_curve:P-256");
    CurveKey key;
    key.x = coordinate(handle.get(), OSSL_PKEY_PARAM_EC_PUB_X);
    key.y = coordinate(handle.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
    key.id = thumbprint(key);
    key.isPrivate = isPrivate;
    const Poco::SharedPtr<Poco::Crypto::ECKey> wrapped(new Poco::Crypto::ECKey(Poco::Crypto::EVPPKey(handle.get())));
    auto signer = std::make_unique<Poco::JWT::Signer>(wrapped);
    signer->setAlgorithms({Poco::JWT::Signer::ALGO_ES256});
    key.signer = std::move(signer);
    return key;
}

class CurveKeys final : public TokenKeys {
public:
    explicit CurveKeys(const std::vector<std::filesystem::path>& files) {
        files_ = files;
        for (const auto& file : files) {
            auto key = makeKey(file);
            struct stat status {};
            if (key.isPrivate && ::stat(file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
                warnings_.push_back("Everybody on this machine may read the private key " + file.string() +
                                    ": chmod o-r takes that away");
            keys_.push_back(std::move(key));
        }
        const auto first = std::find_if(keys_.begin(), keys_.end(), [](const auto& key) { return key.isPrivate; });
        if (first != keys_.end()) signing_ = &*first;
    }

    Algorithm algorithm() const noexcept override { return Algorithm::Es256; }
    bool canSign() const noexcept override { return signing_ != nullptr; }

    std::string sign(Poco::JWT::Token token) const override {
        if (!signing_) throw std::logic_error("none of identity.keys is a private key");
        token.header().set("kid", signing_->id);
        return signing_->signer->sign(token, Poco::JWT::Signer::ALGO_ES256);
    }

    bool verify(const std::string& token, std::string_view signature,
                const std::optional<std::string>& keyId) const override {
        if (signature.size() != signatureSize) return false;
        return std::any_of(keys_.begin(), keys_.end(), [&](const CurveKey& key) {
            if (keyId && key.id != *keyId) return false;
            Poco::JWT::Token ignored;
            try {
                return key.signer->tryVerify(token, ignored);
            } catch (const Poco::Exception&) {
                return false;
            }
        });
    }

    boost::json::object publicKeys() const override {
        boost::json::array keys;
        for (const auto& key : keys_)
            keys.push_back({{"kty", "EC"},
                            {"crv", "P-256"},
                            {"x", key.x},
                            {"y", key.y},
                            {"alg", "ES256"},
                            {"use", "sig"},
                            {"kid", key.id}});
        return {{"keys", std::move(keys)}};
    }

    bool isSameAs(const TokenKeys& other) const noexcept override {
        const auto* same = dynamic_cast<const CurveKeys*>(&other);
        const auto signingId = [](const CurveKeys& keys) { return keys.signing_ ? keys.signing_->id : std::string(); };
        return same != nullptr && signingId(*same) == signingId(*this) &&
               std::equal(keys_.begin(), keys_.end(), same->keys_.begin(), same->keys_.end(),
                          [](const auto& left, const auto& right) { return left.id == right.id; });
    }

private:
    std::vector<CurveKey> keys_;
    const CurveKey* signing_ = nullptr;
};

}  // namespace

std::shared_ptr<const TokenKeys> TokenKeys::ofFiles(const std::vector<std::filesystem::path>& files) {
    return std::make_shared<const CurveKeys>(files);
}

}  // namespace playhouse::host
