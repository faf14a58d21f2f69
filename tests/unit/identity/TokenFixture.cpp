#include "TokenFixture.h"

#include "identity/Base64Url.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace playhouse::host {

std::string forged(std::string_view header, std::string_view claims, std::string_view secret) {
    const auto text = base64UrlEncoded(header) + "." + base64UrlEncoded(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
    return text + "." + base64UrlEncoded({reinterpret_cast<const char*>(code.data()), size});
}

std::string TokenHouse::codeOf(const std::string& token) const {
    try {
        static_cast<void>(identities.verify(token));
        return "good";
    } catch (const ApiError& refusal) {
        CPPUNIT_ASSERT_EQUAL(401, refusal.status());
        for (std::size_t at = 0; at + 8 <= token.size() && at < 400; at += 8)
            CPPUNIT_ASSERT(std::string_view(refusal.what()).find(token.substr(at, 8)) == std::string_view::npos);
        return refusal.code();
    }
}

double TokenHouse::figure(const std::string& name, const std::string& label) const {
    double sum = 0;
    for (const auto& family : registry.Collect()) {
        if (family.name != name) continue;
        for (const auto& metric : family.metric)
            if (label.empty() || (!metric.label.empty() && metric.label.front().value == label))
                sum += metric.counter.value;
    }
    return sum;
}

}  // namespace playhouse::host
