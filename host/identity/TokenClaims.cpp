#include "TokenClaims.h"

#include <playhouse/ApiError.h>
#include <playhouse/Utf8.h>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <Poco/JSON/Array.h>
#include <Poco/JWT/Token.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

namespace playhouse::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::size_t longestText = 256;
constexpr std::size_t mostRoles = 32;

/// In the year 2255: later ones do not fit into the clock's type. Well within what JSON's numbers hold exactly.
constexpr double latestSecond = 9'000'000'000;

bool isPlain(std::string_view text) {
    return text.size() <= longestText && isUtf8(text) && std::none_of(text.begin(), text.end(), [](char letter) {
               const auto code = static_cast<unsigned char>(letter);
               return code < 0x20 || code == 0x7f;
           });
}

void checkText(std::string_view text, const char* what) {
    if (!isPlain(text))
        throw std::invalid_argument(std::string("the identity's ") + what + " has more than " +
                                    std::to_string(longestText) + " bytes, control characters, or is no UTF-8");
}

double secondsOf(system_clock::time_point time) {
    return static_cast<double>(std::chrono::floor<milliseconds>(time.time_since_epoch()).count()) / 1000;
}

[[noreturn]] void refuseClaims() {
    refuseToken("TOKEN_MALFORMED", "The token does not say what a token of this server says.");
}

/// NumericDate (RFC 7519 section 2); fractions are allowed.
std::optional<system_clock::time_point> timeOf(const boost::json::object& claims, const char* name) {
    const auto* value = claims.if_contains(name);
    if (!value) return std::nullopt;
    if (!value->is_number()) refuseClaims();
    const auto seconds = value->to_number<double>();
    if (!(seconds >= 0 && seconds <= latestSecond)) refuseClaims();
    return system_clock::time_point(milliseconds(std::llround(seconds * 1000)));
}

std::string textOf(const boost::json::value& value) {
    const auto* text = value.if_string();
    if (!text || !isPlain({text->data(), text->size()})) refuseClaims();
    return {text->data(), text->size()};
}

std::string textOf(const boost::json::object& claims, const char* name) {
    const auto* value = claims.if_contains(name);
    return value ? textOf(*value) : std::string();
}

bool namesAudience(const boost::json::value* value, const std::string& audience) {
    if (!value) return false;
    const auto isOurs = [&](const boost::json::value& each) {
        return each.is_string() && each.get_string() == audience;
    };
    const auto* several = value->if_array();
    return several ? std::any_of(several->begin(), several->end(), isOurs) : isOurs(*value);
}

}  // namespace

void refuseToken(const char* code, const char* message) {
    throw ApiError(401, code, message);
}

Poco::JWT::Token makeToken(const Identity& identity, const TokenRules& rules, system_clock::time_point now,
                           std::chrono::seconds lifetime) {
    if (identity.userId.empty()) throw std::invalid_argument("an identity without a user gets no token");
    checkText(identity.userId, "user id");
    checkText(identity.sessionId, "session id");
    checkText(identity.username, "user name");
    checkText(identity.tier, "tier");
    if (identity.roles.size() > mostRoles)
        throw std::invalid_argument("the identity has more than " + std::to_string(mostRoles) + " roles");
    const auto issuedAt = secondsOf(now);
    const auto expiresAt = issuedAt + static_cast<double>(lifetime.count());
    if (lifetime.count() <= 0 || expiresAt > latestSecond)
        throw std::invalid_argument("a token cannot live for " + std::to_string(lifetime.count()) + " s");
    Poco::JWT::Token token;
    token.setType("JWT");
    token.setIssuer(rules.issuer);
    token.setAudience(rules.audience);
    token.setSubject(identity.userId);
    auto& claims = token.payload();
    // To the millisecond, so that a token made right after the sessions of its user were ended is told from one before.
    claims.set("iat", issuedAt);
    claims.set("exp", expiresAt);
    if (!identity.sessionId.empty()) claims.set("sid", identity.sessionId);
    if (!identity.username.empty()) claims.set("name", identity.username);
    if (!identity.tier.empty()) claims.set("tier", identity.tier);
    if (!identity.roles.empty()) {
        Poco::JSON::Array roles;
        for (const auto& role : identity.roles) {
            checkText(role, "role");
            roles.add(role);
        }
        claims.set("roles", roles);
    }
    return token;
}

Identity readClaims(const boost::json::object& claims, const TokenRules& rules, system_clock::time_point now) {
    Identity identity;
    identity.userId = textOf(claims, "sub");
    identity.sessionId = textOf(claims, "sid");
    identity.username = textOf(claims, "name");
    identity.tier = textOf(claims, "tier");
    const auto issuedAt = timeOf(claims, "iat");
    const auto expiresAt = timeOf(claims, "exp");
    const auto notBefore = timeOf(claims, "nbf");
    if (identity.userId.empty() || !issuedAt || !expiresAt) refuseClaims();
    identity.issuedAt = *issuedAt;
    identity.expiresAt = *expiresAt;
    if (const auto* roles = claims.if_contains("roles")) {
        const auto* several = roles->if_array();
        if (!several || several->size() > mostRoles) refuseClaims();
        for (const auto& role : *several) identity.roles.push_back(textOf(role));
    }
    const auto* issuer = claims.if_contains("iss");
    if (!issuer || !issuer->is_string() || issuer->get_string() != rules.issuer)
        refuseToken("TOKEN_ISSUER", "The token is from another issuer.");
    if (!namesAudience(claims.if_contains("aud"), rules.audience))
        refuseToken("TOKEN_AUDIENCE", "The token is for another audience.");
    if (std::max(*issuedAt, notBefore.value_or(*issuedAt)) > now + rules.tolerance)
        refuseToken("TOKEN_NOT_YET_VALID", "The token is not valid yet.");
    if (now >= *expiresAt + rules.tolerance) refuseToken("TOKEN_EXPIRED", "The token has expired; get a new one.");
    return identity;
}

}  // namespace playhouse::host
