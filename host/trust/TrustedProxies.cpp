#include "TrustedProxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace playhouse::host {
namespace {

constexpr std::size_t addressBits = 128;
constexpr std::size_t bitsBeforeIpv4 = 96;

bool isSet(const std::array<std::uint8_t, 16>& bits, std::size_t at) {
    return (bits.at(at / 8) >> (7 - at % 8) & 1) != 0;
}

}  // namespace

bool TrustedProxies::parse(std::string_view text, Bits& bits) {
    // A zone (RFC 4007 section 11) tells by which interface an address is reached, not whose it is.
    const std::string address(text.substr(0, text.find('%')));
    if (inet_pton(AF_INET6, address.c_str(), bits.data()) == 1) return true;
    bits = {};
    bits[10] = bits[11] = 0xff;
    return inet_pton(AF_INET, address.c_str(), bits.data() + bitsBeforeIpv4 / 8) == 1;
}

TrustedProxies::Network TrustedProxies::networkOf(const std::string& text) {
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    const auto refusal = [&](const char* why) { return std::invalid_argument("\"" + text + "\" " + why); };
    Network network;
    if (address.find('%') != std::string::npos || !parse(address, network.bits))
        throw refusal("is neither an address nor a network, such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
    network.prefix = addressBits;
    if (slash == std::string::npos) return network;
    const std::size_t before = address.find(':') == std::string::npos ? bitsBeforeIpv4 : 0;
    const auto* const end = text.data() + text.size();
    std::size_t prefix = 0;
    const auto [parsed, error] = std::from_chars(text.data() + slash + 1, end, prefix);
    if (error != std::errc() || parsed != end || prefix > addressBits - before)
        throw refusal(before == 0 ? "needs a prefix length from 0 to 128 after the slash"
                                  : "needs a prefix length from 0 to 32 after the slash");
    network.prefix = before + prefix;
    for (auto at = network.prefix; at < addressBits; ++at)
        if (isSet(network.bits, at)) throw refusal("has bits set beyond its prefix: write the network's first address");
    return network;
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
    for (const auto& text : networks) networks_.push_back(networkOf(text));
}

bool TrustedProxies::contains(std::string_view address) const {
    Bits bits{};
    if (networks_.empty() || !parse(address, bits)) return false;
    return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
        for (std::size_t at = 0; at < network.prefix; ++at)
            if (isSet(bits, at) != isSet(network.bits, at)) return false;
        return true;
    });
}

}  // namespace playhouse::host
