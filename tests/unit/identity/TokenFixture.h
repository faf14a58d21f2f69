#pragma once

#include "identity/TokenIdentities.h"

#include <playhouse/ApiError.h>
#include <playhouse/testing/FakeClock.h>

#include <cppunit/TestAssert.h>
#include <prometheus/registry.h>

#include <string>
#include <string_view>

namespace playhouse::host {

inline constexpr const char* testSecret = "0123456789abcdef0123456789abcdef";

/// A token with whatever header and claims, signed by HMAC-SHA-256 with `secret`.
std::string forged(std::string_view header, std::string_view claims, std::string_view secret = testSecret);

/// Header and claims of a token that is good at FakeClock's beginning, which is 1704067200.
inline constexpr std::string_view goodHeader = R"({"alg":"HS256","typ":"JWT"})";
inline constexpr std::string_view goodClaims =
    R"({"iss":"playhouse","aud":"playhouse","sub":"ann","sid":"s1","iat":1704067200,"exp":1704070800})";

/// Identities with a clock of their own.
struct TokenHouse {
    explicit TokenHouse(std::shared_ptr<const TokenKeys> keys = TokenKeys::ofSecret(testSecret))
        : identities(std::move(keys), {}, clock, registry) {}

    testing::FakeClock clock;
    prometheus::Registry registry;
    TokenIdentities identities;

    /// The code with which the token is refused; "good" when it is not. No refusal may show the token.
    std::string codeOf(const std::string& token) const;

    /// The sum of a family of counters, of those with this label when one is given.
    double figure(const std::string& name, const std::string& label = {}) const;
};

}  // namespace playhouse::host
