#include "TokenIdentities.h"

#include "Base64Url.h"

#include <playhouse/ApiError.h>
#include <playhouse/Json.h>

#include <Poco/JWT/Token.h>

#include <algorithm>
#include <utility>

namespace playhouse::host {
namespace {

/// The three parts of a token in compact form (RFC 7515 section 3.1), decoded.
struct TokenParts {
    boost::json::object header;
    boost::json::object claims;
    std::string signature;
};

/// What a token's parts are nested at most.
constexpr std::size_t mostDepth = 8;

[[noreturn]] void refuseForm() {
    refuseToken("TOKEN_MALFORMED", "What was sent is no JSON Web Token.");
}

TokenParts partsOf(std::string_view token) {
    const auto first = token.find('.');
    const auto last = token.rfind('.');
    if (first == last || token.find('.', first + 1) != last) refuseForm();
    const auto header = base64UrlDecoded(token.substr(0, first));
    const auto claims = base64UrlDecoded(token.substr(first + 1, last - first - 1));
    auto signature = base64UrlDecoded(token.substr(last + 1));
    if (!header || !claims || !signature) refuseForm();
    // A member that comes twice is refused (RFC 7519 section 4).
    auto headerValue = parseJson(*header, mostDepth);
    auto claimsValue = parseJson(*claims, mostDepth);
    if (!headerValue || !headerValue->is_object() || !claimsValue || !claimsValue->is_object()) refuseForm();
    return {std::move(headerValue->get_object()), std::move(claimsValue->get_object()), *std::move(signature)};
}

std::optional<std::string> keyIdOf(const boost::json::object& header) {
    const auto* value = header.if_contains("kid");
    if (!value) return std::nullopt;
    const auto* text = value->if_string();
    if (!text) refuseForm();
    return std::string(text->data(), text->size());
}

}  // namespace

TokenIdentities::TokenIdentities(std::shared_ptr<const TokenKeys> keys, TokenRules rules, const Clock& clock,
                                 prometheus::Registry& registry)
    : clock_(clock),
      verified_(prometheus::BuildCounter()
                    .Name("playhouse_tokens_verified_total")
                    .Help("Tokens that were verified and are good, without those that the cache knew")
                    .Register(registry)
                    .Add({})),
      cacheHits_(prometheus::BuildCounter()
                     .Name("playhouse_token_cache_hits_total")
                     .Help("Tokens that were known to be good")
                     .Register(registry)
                     .Add({})),
      refused_(prometheus::BuildCounter()
                   .Name("playhouse_tokens_refused_total")
                   .Help("Tokens that were refused, by code")
                   .Register(registry)) {
    reconfigure(std::move(keys), std::move(rules));
}

void TokenIdentities::reconfigure(std::shared_ptr<const TokenKeys> keys, TokenRules rules) {
    const std::lock_guard lock(mutex_);
    if (terms_.keys && terms_.rules == rules && terms_.keys->isSameAs(*keys)) return;
    takesLong_ = keys->algorithm() == TokenKeys::Algorithm::Es256;
    terms_ = {std::move(keys), std::move(rules), terms_.epoch + 1};
    epoch_ = terms_.epoch;
}

TokenIdentities::Terms TokenIdentities::terms() const {
    const std::lock_guard lock(mutex_);
    return terms_;
}

std::string TokenIdentities::issue(const Identity& identity, std::chrono::seconds lifetime) {
    const auto [keys, rules, epoch] = terms();
    if (!keys->canSign()) throw ApiError(503, "TOKEN_KEY_MISSING", "This server has no key to sign tokens with.");
    auto token = keys->sign(makeToken(identity, rules, clock_.now(), lifetime));
    if (token.size() > longestToken) throw std::invalid_argument("the identity makes a token too long to be sent");
    return token;
}

std::shared_ptr<const Identity> TokenIdentities::known(std::string_view token) const {
    if (token.size() > longestToken) return nullptr;
    auto identity = cache_.find(VerifiedTokens::digestOf(token), epoch_.load(), clock_.now());
    if (!identity || ended_.cover(*identity)) return nullptr;
    cacheHits_.Increment();
    return identity;
}

Identity TokenIdentities::verify(std::string_view token) const {
    if (const auto identity = known(token)) return *identity;
    const auto current = terms();
    try {
        auto identity = verifyAnew(token, current);
        verified_.Increment();
        cache_.keep(VerifiedTokens::digestOf(token), current.epoch, identity.expiresAt + current.rules.tolerance,
                    std::make_shared<const Identity>(identity));
        return identity;
    } catch (const ApiError& refusal) {
        refused_.Add({{"code", refusal.code()}}).Increment();
        throw;
    }
}

Identity TokenIdentities::verifyAnew(std::string_view token, const Terms& terms) const {
    if (token.size() > longestToken) refuseToken("TOKEN_MALFORMED", "The token is longer than a token can be.");
    const auto parts = partsOf(token);
    const auto* algorithm = parts.header.if_contains("alg");
    if (!algorithm || !algorithm->is_string()) refuseForm();
    if (algorithm->get_string() != terms.keys->algorithmName())
        refuseToken("TOKEN_ALGORITHM", "The token is signed by an algorithm that is not the one of this server.");
    // RFC 7515 section 4.1.11: what is critical and not understood makes a token invalid, and nothing of it is here.
    if (parts.header.contains("crit")) refuseForm();
    if (!terms.keys->verify(std::string(token), parts.signature, keyIdOf(parts.header)))
        refuseToken("TOKEN_SIGNATURE", "The token's signature is not one of this server.");
    auto identity = readClaims(parts.claims, terms.rules, clock_.now());
    if (ended_.cover(identity)) refuseToken("TOKEN_REVOKED", "The session of this token has ended; log in again.");
    return identity;
}

std::chrono::seconds TokenIdentities::tokenLifetime() const {
    return terms().rules.lifetime;
}

boost::json::object TokenIdentities::publicKeys() const {
    return terms().keys->publicKeys();
}

void TokenIdentities::endSession(std::string_view sessionId, Time until) {
    takeEndedSession(sessionId, until);
    if (auto* const endings = endings_.load(std::memory_order_acquire)) endings->sessionEnded(sessionId, until);
}

void TokenIdentities::endSessionsOf(std::string_view userId, Time before, Time until) {
    takeEndedSessionsOf(userId, before, until);
    if (auto* const endings = endings_.load(std::memory_order_acquire))
        endings->sessionsOfUserEnded(userId, before, until);
}

void TokenIdentities::takeEndedSession(std::string_view sessionId, Time until) {
    ended_.endSession(sessionId, remembered(until), clock_.now());
}

void TokenIdentities::takeEndedSessionsOf(std::string_view userId, Time before, Time until) {
    ended_.endSessionsOf(userId, before, remembered(until), clock_.now());
}

/// A token is taken for some time after it has expired, and so long its end is remembered.
TokenIdentities::Time TokenIdentities::remembered(Time until) const {
    const auto tolerance = terms().rules.tolerance;
    return std::min(until, Time::max() - tolerance) + tolerance;
}

}  // namespace playhouse::host
