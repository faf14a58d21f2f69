#include "Invariant.h"
#include "identity/Base64Url.h"
#include "identity/TokenIdentities.h"

#include <playhouse/ApiError.h>
#include <playhouse/Utf8.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// After "s" a header, a newline and claims, which are signed here; otherwise a token as somebody sends it.

namespace {

using namespace playhouse;
using namespace playhouse::host;
using fuzz::require;

constexpr std::size_t largestInput = 2048;
constexpr std::size_t longestText = 256;
constexpr std::size_t mostRoles = 32;
const std::string secret = "the secret of a server that nobody else knows";

/// Stands still, so that an input does the same each time.
class StillClock final : public Clock {
public:
    std::chrono::system_clock::time_point now() const override {
        return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    }
    std::chrono::steady_clock::time_point steadyNow() const override { return {}; }
};

struct Server {
    StillClock clock;
    prometheus::Registry registry;
    TokenIdentities identities{TokenKeys::ofSecret(secret), TokenRules{}, clock, registry};
};

Server& server() {
    static Server server;
    return server;
}

std::string signedToken(std::string_view header, std::string_view claims) {
    const auto text = base64UrlEncoded(header) + "." + base64UrlEncoded(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
    return text + "." + base64UrlEncoded({reinterpret_cast<const char*>(code.data()), size});
}

bool isPlain(const std::string& text) {
    return text.size() <= longestText && isUtf8(text) && text.find('\0') == std::string::npos;
}

std::optional<Identity> verified(const std::string& token) {
    try {
        return server().identities.verify(token);
    } catch (const ApiError& refusal) {
        require(refusal.status() == 401 && refusal.code().starts_with("TOKEN_"), "a token is refused by 401 TOKEN_...");
        return std::nullopt;
    }
}

void checkAccepted(const std::string& token, const Identity& identity) {
    const TokenRules rules;
    const auto now = server().clock.now();
    require(identity.expiresAt + rules.tolerance > now, "what is accepted has not expired");
    require(identity.issuedAt <= now + rules.tolerance, "what is accepted was not issued later than now");
    require(!identity.userId.empty() && isPlain(identity.userId), "who asks has an id that is plain");
    require(isPlain(identity.username) && isPlain(identity.tier) && isPlain(identity.sessionId), "names are plain");
    require(identity.roles.size() <= mostRoles, "nobody has more roles than can be given");
    const auto known = server().identities.known(token);
    require(known && known->userId == identity.userId && known->roles == identity.roles,
            "the same token means the same a second time");
    const auto again = verified(server().identities.issue(identity, std::chrono::minutes(1)));
    require(again && again->userId == identity.userId && again->sessionId == identity.sessionId &&
                again->username == identity.username && again->tier == identity.tier && again->roles == identity.roles,
            "a token that is issued means whom it was issued to");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > largestInput) return -1;
    std::string_view input(reinterpret_cast<const char*>(data), size);
    if (!input.starts_with('s')) {
        require(!verified(std::string(input)), "nobody signs a token without the secret");
        return 0;
    }
    input.remove_prefix(1);
    const auto end = std::min(input.find('\n'), input.size());
    const auto token = signedToken(input.substr(0, end), input.substr(std::min(end + 1, input.size())));
    if (const auto identity = verified(token)) checkAccepted(token, *identity);
    return 0;
}
