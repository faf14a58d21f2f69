#include "SettingsTables.h"

#include <string>

namespace playhouse::host {
namespace {

using Kind = SettingKind;

/// A time span as programs with jsonwebtoken give it: "3600" is seconds there, and "15m" minutes.
std::string fromTokenLifetimeVariable(std::string_view text) {
    std::string duration(text);
    const auto afterDigits = duration.find_first_not_of("0123456789");
    if (afterDigits == std::string::npos) return duration + " s";
    const auto unit = std::string_view(duration).substr(afterDigits);
    return unit == "m" || unit == " m" ? duration.substr(0, afterDigits) + " min" : duration;
}

}  // namespace

std::vector<SettingDescription> identitySettings() {
    return {
        {.key = "profile",
         .kind = Kind::Choice,
         .fallback = "development",
         .meaning = "What the server is for. production refuses what is convenient and unsafe: a missing or weak "
                    "identity.secret. The others warn.",
         .choices = {"development", "test", "production"},
         .environmentVariable = "NODE_ENV"},

        {.key = "identity.algorithm",
         .kind = Kind::Choice,
         .fallback = "HS256",
         .meaning = "How tokens are signed; a token that says another is refused. HS256 by identity.secret, ES256 by "
                    "identity.keys, whose public halves others get at /auth/jwks.json to verify tokens themselves.",
         .choices = {"HS256", "ES256"}},
        {.key = "identity.secret",
         .kind = Kind::Text,
         .fallback = "",
         .meaning = "The secret of HS256: 32 bytes at least, the same on all hosts; make one with openssl rand -hex "
                    "32. Whoever has it can be anybody. Empty: one is made, and kept in storage.path as token-secret. "
                    "Another one refuses all access tokens.",
         .environmentVariable = "JWT_SECRET"},
        {.key = "identity.keys",
         .kind = Kind::List,
         .fallback = "",
         .meaning = "The keys of ES256: PEM files of private or public keys on the curve P-256, each from the working "
                    "directory when relative. The first private one signs, all verify. To change it, put a new one "
                    "first and keep the old one until its tokens have expired. They are read again at each reload."},
        {.key = "identity.issuer",
         .kind = Kind::Text,
         .fallback = "playhouse",
         .meaning = "The \"iss\" of tokens; one of another issuer is refused."},
        {.key = "identity.audience",
         .kind = Kind::Text,
         .fallback = "playhouse",
         .meaning = "The \"aud\" of tokens; one for other audiences is refused. Another one where several platforms "
                    "share a key."},
        {.key = "identity.token-lifetime",
         .kind = Kind::Duration,
         .fallback = "7 d",
         .meaning = "For which a token is good. Shorter where tokens may be stolen, as they cost a refresh each time. "
                    "The environment's may be a bare number of seconds.",
         .least = 1000,
         .environmentVariable = "JWT_EXPIRES_IN",
         .fromEnvironment = fromTokenLifetimeVariable},
        {.key = "identity.clock-tolerance",
         .kind = Kind::Duration,
         .fallback = "30 s",
         .meaning = "By which the clocks of hosts may differ: for so long a token is taken before its time and after "
                    "it."},

        {.key = "rate-limits.enabled",
         .kind = Kind::Flag,
         .fallback = "true",
         .meaning = "Count requests for routes with a limit, and answer 429 beyond it. Off for load tests."},
    };
}

}  // namespace playhouse::host
