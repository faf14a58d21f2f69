// What the guard before a route costs: tokens by either algorithm, seen and unseen, and limits. Run by hand, on a quiet
// machine: guard-cost [KEY.pem], where the key is one on P-256.

#include "edge/RequestGuard.h"
#include "identity/TokenIdentities.h"
#include "identity/TokenSecret.h"
#include "limits/LocalRateLimiter.h"
#include "platform/HostClock.h"

#include <prometheus/registry.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

using namespace playhouse;
using namespace playhouse::host;

namespace {

/// Calls `work(n)` for each n below `count`, and prints how long one call took.
template <class Work>
void measure(const char* what, int count, const Work& work) {
    const auto begin = std::chrono::steady_clock::now();
    for (int number = 0; number < count; ++number) work(number);
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - begin;
    std::printf("%-32s %8.3f us\n", what, taken.count() / count);
}

Identity user(int number) {
    Identity identity;
    identity.userId = "0b7f6f0e-5f0e-4e6c-9a58-" + std::to_string(100'000'000'000 + number);
    identity.sessionId = "5c1a2d3e-5f0e-4e6c-9a58-0123456789ab";
    identity.username = "somebody";
    identity.tier = "premium";
    identity.roles = {"viewer"};
    return identity;
}

void measureTokens(const std::string& algorithm, std::shared_ptr<const TokenKeys> keys, int count) {
    const HostClock clock;
    prometheus::Registry registry;
    TokenIdentities identities(std::move(keys), {}, clock, registry);
    std::vector<std::string> tokens;
    measure((algorithm + ", issued").c_str(), count,
            [&](int number) { tokens.push_back(identities.issue(user(number), std::chrono::hours(1))); });
    measure((algorithm + ", unseen").c_str(), count,
            [&](int number) { static_cast<void>(identities.verify(tokens[static_cast<std::size_t>(number)])); });
    measure((algorithm + ", cached").c_str(), count * 20,
            [&](int number) { static_cast<void>(identities.verify(tokens[static_cast<std::size_t>(number % 1000)])); });
}

}  // namespace

int main(int argumentCount, char** arguments) {
    measureTokens("HS256", TokenKeys::ofSecret(randomSecret()), 10'000);
    if (argumentCount > 1) measureTokens("ES256", TokenKeys::ofFiles({arguments[1]}), 4'000);

    const HostClock clock;
    LocalRateLimiter limiter(clock);
    const auto minute = std::chrono::minutes(1);
    measure("limit, one key", 200'000, [&](int) { limiter.count("auth:POST /auth/login:a:192.0.2.1", 10, minute); });
    measure("limit, 60,000 keys", 600'000, [&](int number) {
        limiter.count("auth:POST /auth/login:a:192.0.2." + std::to_string(number % 60'000), 10, minute);
    });
    prometheus::Registry registry;
    TokenIdentities identities(TokenKeys::ofSecret(randomSecret()), {}, clock, registry);
    RouteEntry entry{
        .method = Method::Get, .pattern = RoutePattern("/auth/profile"), .options = {}, .pluginId = "auth", .gate = {}};
    entry.options.access = Access::user();
    entry.options.rateLimit = RateLimit{1'000'000'000, minute, RateLimit::By::User};
    const RequestGuard guard(&identities, &limiter);
    const RequestGuard::Question question{
        .entry = entry,
        .token = {BearerToken::Kind::Token, identities.issue(user(0), std::chrono::hours(1))},
        .clientAddress = "192.0.2.1"};
    measure("guard, cached token and limit", 200'000, [&](int) { static_cast<void>(guard.ask(question)); });
}
